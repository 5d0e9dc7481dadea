import type { RedisClient } from './client.ts'

/** On it, leaders name the fingerprints whose flights have ended. */
export const newsChannel = 'tg:answers'

/** Hears that one flight has ended, from the moment it was made. */
export class Ear {
  #heard = false
  #wake: (() => void) | null = null

  tell (): void {
    this.#heard = true
    this.#wake?.()
  }

  /** Resolves at the next news, at once if there was some since the last time, and after `ms` at the latest. */
  async next (ms: number): Promise<void> {
    if (!this.#heard) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, ms)
      await promise
      clearTimeout(timer)
    }
    this.#heard = false
  }
}

/**
 * The ends of flights on all replicas, by one subscription a process, made when somebody first waits. News may be lost
 * (a connection breaks, the subscription is not there yet): they only say when it is worth looking.
 */
export class AnswerNews {
  readonly #connect: () => RedisClient
  readonly #ears = new Map<string, Set<Ear>>()
  #connection: RedisClient | null = null

  constructor (connect: () => RedisClient) {
    this.#connect = connect
  }

  listen (fingerprint: string): Ear {
    this.#connection ??= this.#subscribed()
    const ear = new Ear()
    const ears = this.#ears.get(fingerprint) ?? new Set()
    this.#ears.set(fingerprint, ears.add(ear))
    return ear
  }

  unlisten (fingerprint: string, ear: Ear): void {
    const ears = this.#ears.get(fingerprint)
    ears?.delete(ear)
    if (ears?.size === 0) this.#ears.delete(fingerprint)
  }

  close (): void {
    this.#connection?.disconnect()
  }

  #subscribed (): RedisClient {
    const connection = this.#connect()
    connection.on('ready', () => { this.#subscribe(connection).catch(() => {}) })
    connection.on('message', (_channel, fingerprint) => {
      for (const ear of this.#ears.get(fingerprint) ?? []) ear.tell()
    })
    return connection
  }

  /** What was said before is lost: all who wait look once more. */
  async #subscribe (connection: RedisClient): Promise<void> {
    await connection.subscribe(newsChannel)
    for (const ears of this.#ears.values()) {
      for (const ear of ears) ear.tell()
    }
  }
}
