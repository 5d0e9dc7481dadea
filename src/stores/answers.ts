import type { AnswerKey, AnswerStats, AnswerStore } from './answer-store.ts'
import { Flight } from './flight.ts'
import type { FlightSettings, Opened } from './flight.ts'
import { HotAnswers } from './hot-answers.ts'

export interface AnswersSettings extends FlightSettings {
  /** Bound of the answers that are held in memory, bytes. */
  readonly hotBytes: number
}

/**
 * Reproducible answers, as the request path sees them: what is known, else one flight for all who ask at once, on this replica
 * and on all others. A store that fails or is slow never fails a request: its caller goes on alone.
 */
export class Answers {
  readonly #store: AnswerStore
  readonly #settings: AnswersSettings
  readonly #hot: HotAnswers
  readonly #flights = new Map<string, Flight>()

  /** @param store one that always answers soon: a BoundedAnswerStore */
  constructor (store: AnswerStore, settings: AnswersSettings) {
    this.#store = store
    this.#settings = settings
    this.#hot = new HotAnswers(settings.hotBytes)
  }

  /**
   * The answer, or the part that the caller has to take. Rejects only when the caller leaves, with the signal's reason.
   *
   * @param refresh what is stored will not do: it is to be replaced
   * @param leaving makes the signal, where there is something to wait for
   */
  open (key: AnswerKey, refresh: boolean, leaving: () => AbortSignal): Promise<Opened> {
    const answer = refresh ? null : this.#hot.get(key)
    return answer === null ? this.#join(key, refresh, leaving()) : Promise.resolve({ is: 'hit', answer })
  }

  stats (project?: string): Promise<AnswerStats> {
    return this.#store.stats(project)
  }

  /** Deletes a project's answers and says how many. Other replicas may give them out for another 10 s. */
  async purge (project: string): Promise<number> {
    const purged = await this.#store.purge(project)
    this.#hot.purge(project)
    return purged
  }

  close (): Promise<void> {
    return this.#store.close()
  }

  /** A refresh has its own flight: it must not end with what is stored. */
  #join (key: AnswerKey, refresh: boolean, signal: AbortSignal): Promise<Opened> {
    const name = refresh ? `${key.fingerprint} refresh` : key.fingerprint
    const underWay = this.#flights.get(name)
    if (underWay !== undefined) return underWay.join(signal)
    const flight = new Flight(key, refresh, this.#store, this.#settings, answer => {
      this.#flights.delete(name)
      if (answer !== null) this.#hot.set(key, answer)
    })
    this.#flights.set(name, flight)
    const opened = flight.join(signal)
    void flight.run()
    return opened
  }
}
