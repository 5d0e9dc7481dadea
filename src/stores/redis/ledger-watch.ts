import { randomUUID } from 'node:crypto'
import type { LedgerEvent } from '../ledger.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import type { RedisClient } from './client.ts'
import { sharedKeys } from './ledger-keys.ts'
import type { LedgerRegistry } from './ledger-registry.ts'
import { serverFitness, serverIdentity } from './ledger-server.ts'

export interface WatchOptions {
  /** By which Redis is looked after. */
  readonly client: RedisClient
  /** By which requests are admitted. */
  readonly admitting: RedisClient
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
const caughtUpLifetime = 60_000
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
  /** Replicas heard of lately, this one among them. */
  #replicas: readonly string[] = [this.#replica]
  #reachable = false
  /** Whether another Redis took over, and not all replicas have told it yet what they know. Unsure while it cannot be looked at. */
  #gathering: 'no' | 'unsure' | 'yes' = 'no'
  #gatheringEnds = 0

  constructor (options: WatchOptions) {
    this.#options = options
    for (const client of [options.client, options.admitting]) client.on('ready', this.#onReady).on('close', this.#onClose)
  }

  /** How many replicas were heard of lately, with this one. */
  get replicas (): number {
    return this.#replicas.length
  }

  /** Redis may not know yet what was spent and reserved: it was changed, and not everyone has said again what it lacks. */
  get isIncomplete (): boolean {
    return this.#owesReplay || this.#gathering !== 'no'
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
    for (const client of [this.#options.client, this.#options.admitting]) client.off('ready', this.#onReady).off('close', this.#onClose)
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

  readonly #onClose = (): void => {
    this.#inspected = false
    if (this.#gathering === 'no') this.#gathering = 'unsure'
  }

  async #inspect (): Promise<void> {
    const { client, admitting, onEvent, allowEviction } = this.#options
    const identity = await serverIdentity(client)
    if (await serverIdentity(admitting) !== identity) throw new Error('the connections lead to different servers')
    const { refusal, warnings } = await serverFitness(client)
    for (const message of warnings) onEvent({ type: 'warning', message })
    if (refusal !== null) onEvent({ type: 'warning', message: refusal })
    this.#refusal = allowEviction ? null : refusal
    const changed = this.#identity !== '' && identity !== this.#identity
    this.#identity = identity
    this.#inspected = true
    if (changed) {
      this.#gathering = 'yes'
      this.#gatheringEnds = performance.now() + replicaLifetime
      this.lost()
    } else if (this.#gathering === 'unsure') this.#gathering = 'no'
  }

  async #beat (): Promise<void> {
    try {
      // Again and again until it succeeds: a failover that went unnoticed would never be repaired.
      if (!this.#inspected) await this.#inspect()
      await this.#check()
      this.#reachable = true
      if (this.#owesReplay) await this.#replay()
      if (!this.#owesReplay) await this.#gather()
      await this.#countReplicas()
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

  /** Tells that this replica has said all it knows, and finds out whether all others have, that were there before. */
  async #gather (): Promise<void> {
    const { client } = this.#options
    const key = sharedKeys.caughtUp(this.#identity)
    await client.sadd(key, this.#replica)
    await client.pexpire(key, caughtUpLifetime)
    if (this.#gathering !== 'yes') return
    const caughtUp = new Set(await client.smembers(key))
    if (this.#replicas.every(replica => caughtUp.has(replica)) || performance.now() > this.#gatheringEnds) this.#gathering = 'no'
  }

  async #countReplicas (): Promise<void> {
    const { client } = this.#options
    const now = Number((await client.time())[0]) * 1000
    await client.zadd(sharedKeys.replicas, now, this.#replica)
    await client.zremrangebyscore(sharedKeys.replicas, '-inf', String(now - replicaLifetime))
    const replicas = await client.zrange(sharedKeys.replicas, '0', '-1')
    // Those that are waited for are those that were there before.
    if (this.#gathering === 'no') this.#replicas = replicas
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
