import type { FastifyBaseLogger } from 'fastify'
import cluster from 'node:cluster'
import type { Bootstrapped } from '../bootstrap.ts'
import { MergedMetrics } from '../telemetry/merged-metrics.ts'
import { Keeper } from './keeper.ts'
import type { Ending } from './keeper.ts'
import type { Served, ToWorker } from './topics.ts'

export interface WorkersOptions {
  readonly count: number
  readonly logger: FastifyBaseLogger
  /** Takes the lines that workers write. */
  readonly write: (line: string) => void
}

/**
 * The worker processes of one gateway, which share its two listeners. This side owns nothing that a request needs: it starts the
 * workers, replaces those that die, tells all of them what it is told, and adds up what they have to say.
 */
export class Workers {
  readonly #keepers: readonly Keeper[]
  readonly #logger: FastifyBaseLogger
  readonly #merged = new MergedMetrics()
  readonly #started = Promise.withResolvers<Served>()
  readonly #bootstrapped = Promise.withResolvers<Bootstrapped>()
  readonly #made: Bootstrapped[] = []
  #restarts = 0
  #startedUp = false

  constructor ({ count, logger, write }: WorkersOptions) {
    this.#logger = logger
    // Each with an output of its own: where several processes write to one, lines get mixed up.
    cluster.setupPrimary({ stdio: ['ignore', 'pipe', 'inherit', 'ipc'], serialization: 'advanced' })
    this.#keepers = Array.from({ length: count }, () => new Keeper({
      line: write,
      died: (ending, pause) => { this.#note(ending, pause) },
      serves: served => { this.#noteServing(served) },
      bootstrapped: made => { this.#noteMade(made) },
      metrics: async () => await this.#merged.text(async () => await this.#gather('metrics', null), () => this.#restarts),
      live: async seen => [...(await this.#gather('live', seen)).values()],
      ended: async requestId => [...(await this.#gather('ended', requestId)).values()].find(found => found !== null) ?? null
    }))
  }

  /** Resolves when all of them serve; rejects when one ends before. */
  get started (): Promise<Served> {
    return this.#started.promise
  }

  /** What the first start made: at most one of them did it. */
  get bootstrapped (): Promise<Bootstrapped> {
    return this.#bootstrapped.promise
  }

  /** Has each read the configuration again. */
  reload (): void {
    for (const keeper of this.#keepers) keeper.ask('reload', null).catch(error => { this.#logger.error({ err: error }, 'a worker was not told to reload') })
  }

  /** Resolves when all have ended, to whether all of them ended well. */
  async drain (): Promise<boolean> {
    for (const keeper of this.#keepers) keeper.drain()
    const codes = await Promise.all(this.#keepers.map(keeper => keeper.ended))
    return codes.every(code => code === 0)
  }

  kill (): void {
    for (const keeper of this.#keepers) keeper.kill()
  }

  /** What each says that serves. Rejects when one does not answer: sums without it would be wrong. */
  async #gather<K extends 'metrics' | 'live' | 'ended'> (topic: K, detail: ToWorker[K]['detail']): Promise<Map<number, ToWorker[K]['answer']>> {
    const serving = this.#keepers.filter(({ serves }) => serves)
    return new Map(await Promise.all(serving.map(async keeper => [keeper.number, await keeper.ask(topic, detail)] as const)))
  }

  #noteServing (served: Served): void {
    if (this.#keepers.some(({ serves }) => !serves)) return
    this.#startedUp = true
    this.#started.resolve(served)
  }

  #noteMade (made: Bootstrapped): void {
    // Those that take another's place have made nothing.
    if (this.#made.length === this.#keepers.length) return
    this.#made.push(made)
    if (this.#made.length < this.#keepers.length) return
    const key = this.#made.find(({ key }) => key !== null)?.key ?? null
    const adminKey = this.#made.find(({ adminKey }) => adminKey !== null)?.adminKey ?? null
    this.#bootstrapped.resolve({ key, adminKey })
  }

  #note (ending: Ending, pause: number): void {
    if (!this.#startedUp) {
      this.#started.reject(new Error('a worker ended before it served'))
      return
    }
    this.#restarts++
    this.#logger.error({ ...ending, pause_ms: pause }, 'a worker died; another takes its place')
  }
}
