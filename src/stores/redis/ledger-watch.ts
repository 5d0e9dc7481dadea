import { randomUUID } from 'node:crypto'
import type { LedgerEvent } from '../ledger.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import type { RedisClient } from './client.ts'
import { sharedKeys } from './ledger-keys.ts'
import type { LedgerRegistry } from './ledger-registry.ts'
import { serverFitness, serverIdentity } from './ledger-server.ts'

export interface WatchOptions {
  readonly client: RedisClient
  readonly registry: LedgerRegistry
  /** Says again what Redis may have lost. Resolves to how much that was. */
  readonly replay: () => Promise<number>
  readonly onEvent: (event: LedgerEvent) => void
  /** Keep the ledger even in a Redis that drops keys when its memory is full. */
  readonly allowEviction: boolean
}

const beatInterval = 1000
/** A replica that was not heard of for so long is not counted any more, ms. */
const replicaLifetime = 10_000
/** The reaper's turn lasts almost until the next one's, ms. */
const reaperTurn = 4500

/**
 * Looks after Redis: whether it is still the one that it was, whether it forgot, and how many replicas use it. When it lost what it had
 * acknowledged, the endings of the last minute are said again.
 */
export class LedgerWatch {
  readonly #options: WatchOptions
  readonly #replica = randomUUID()
  #timer: NodeJS.Timeout | null = null
  #identity = ''
  /** The Redis behind the present connection has been looked at. */
  #inspected = false
  #owesReplay = false
  #replaying: Promise<void> | null = null
  #refusal: string | null = null
  #replicas = 1
  #reachable = false

  constructor (options: WatchOptions) {
    this.#options = options
    options.client.on('ready', this.#onReady)
  }

  /** Replicas heard of lately, this one among them. */
  get replicas (): number {
    return this.#replicas
  }

  /** Why nothing may be kept in this Redis, or null. */
  get refusal (): string | null {
    return this.#refusal
  }

  start (): void {
    this.#timer ??= setInterval(() => { void this.#beat() }, beatInterval).unref()
  }

  stop (): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#options.client.off('ready', this.#onReady)
  }

  /** Redis lost what it had acknowledged. */
  lost (): void {
    if (this.#owesReplay) return
    this.#owesReplay = true
    void this.#replay()
  }

  /** Whether Redis answered and took writes when it was last asked, a second ago at most. */
  get reachable (): boolean {
    return this.#reachable
  }

  /** Whether it is this replica's turn to reap. Rejects with StoreUnavailableError. */
  async takeTurn (): Promise<boolean> {
    try {
      return await this.#options.client.set(sharedKeys.reaper, this.#replica, 'PX', reaperTurn, 'NX') === 'OK'
    } catch (cause) {
      throw new StoreUnavailableError('the ledger', cause)
    }
  }

  readonly #onReady = (): void => {
    this.#inspected = false
    void this.#beat()
  }

  async #inspect (): Promise<void> {
    const { client, onEvent, allowEviction } = this.#options
    const { refusal, warnings } = await serverFitness(client)
    for (const message of warnings) onEvent({ type: 'warning', message })
    if (refusal !== null) onEvent({ type: 'warning', message: refusal })
    this.#refusal = allowEviction ? null : refusal
    const identity = await serverIdentity(client)
    const changed = this.#identity !== '' && identity !== this.#identity
    this.#identity = identity
    this.#inspected = true
    if (changed) this.lost()
  }

  async #beat (): Promise<void> {
    try {
      // Again and again until it succeeds: a failover that went unnoticed would never be repaired.
      if (!this.#inspected) await this.#inspect()
      await this.#check()
      await this.#countReplicas()
      this.#reachable = true
      if (this.#owesReplay) await this.#replay()
    } catch (error) {
      this.#reachable = false
      this.#options.onEvent({ type: 'error', error })
    }
  }

  async #check (): Promise<void> {
    const { registry, onEvent } = this.#options
    const before = registry.forgot
    await registry.check()
    if (registry.forgot && !before) {
      onEvent({ type: 'forgotten' })
      this.lost()
    }
  }

  async #countReplicas (): Promise<void> {
    const { client } = this.#options
    const now = Date.now()
    await client.zadd(sharedKeys.replicas, now, this.#replica)
    await client.zremrangebyscore(sharedKeys.replicas, '-inf', now - replicaLifetime)
    this.#replicas = Math.max(1, await client.zcard(sharedKeys.replicas))
  }

  #replay (): Promise<void> {
    this.#replaying ??= this.#replayNow().finally(() => { this.#replaying = null })
    return this.#replaying
  }

  async #replayNow (): Promise<void> {
    const { replay, onEvent } = this.#options
    try {
      const replayed = await replay()
      this.#owesReplay = false
      onEvent({ type: 'loss', replayed })
    } catch (error) {
      // It is owed until it succeeds.
      onEvent({ type: 'error', error })
    }
  }
}
