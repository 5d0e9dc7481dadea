import { randomUUID } from 'node:crypto'
import type { RedisClient } from './client.ts'
import { keysOf, sharedKeys } from './ledger-keys.ts'

/** Made when there was none, and made by an operator who knows that Redis forgot. */
const made = 'new:'
const acknowledged = 'ack:'

/** Projects that are known to be registered; beyond, all are looked up again. */
const maxRemembered = 100_000

export interface RegistryOptions {
  /** The epoch that this replica saw last, in this life or an earlier one; null: it has never seen one. */
  readonly knownEpoch: string | null
  /** Told of the epoch to remember for the next life. */
  readonly onEpoch: (epoch: string) => void
}

/**
 * Tells a project that is new from one that Redis forgot. An emptied Redis would grant every budget afresh; so each project is
 * registered, next to its counters, under the epoch of this Redis, and one that should be and is not has been forgotten.
 */
export class LedgerRegistry {
  readonly #redis: RedisClient
  readonly #onEpoch: (epoch: string) => void
  readonly #registered = new Set<string>()
  #epoch: string | null
  #forgot = false

  constructor (redis: RedisClient, { knownEpoch, onEpoch }: RegistryOptions) {
    this.#redis = redis
    this.#epoch = knownEpoch
    this.#onEpoch = onEpoch
  }

  /** `''` before the first check. */
  get epoch (): string {
    return this.#epoch ?? ''
  }

  /** Redis has forgotten, and nobody has restored it or accepted that yet. */
  get forgot (): boolean {
    return this.#forgot
  }

  isRegistered (projectId: string): boolean {
    return this.#registered.has(projectId)
  }

  /** Reads the epoch of this Redis. */
  async check (): Promise<void> {
    let epoch = await this.#redis.get(sharedKeys.epoch)
    if (epoch === null && this.#epoch === null) {
      await this.#redis.setnx(sharedKeys.epoch, made + randomUUID())
      epoch = await this.#redis.get(sharedKeys.epoch)
    }
    if (epoch !== null && (epoch === this.#epoch || this.#epoch === null || epoch.startsWith(acknowledged))) this.#adopt(epoch)
    else this.#forget()
  }

  /** Registers a project unless it was forgotten. Either way it can be found from now on. */
  async register (projectId: string): Promise<void> {
    if (this.#epoch === null) await this.check()
    const { meta } = keysOf(projectId)
    const epoch = this.epoch
    const listed = await this.#redis.hget(sharedKeys.projects, projectId)
    const known = await this.#redis.hget(meta, 'epoch')
    if (this.#forgot || (listed === epoch && known !== epoch)) {
      await this.#redis.hsetnx(sharedKeys.projects, projectId, '')
      return
    }
    // In this order: a project that is listed has been registered.
    if (known !== epoch) await this.#redis.hset(meta, 'epoch', epoch)
    if (listed !== epoch) await this.#redis.hset(sharedKeys.projects, projectId, epoch)
    if (this.#registered.size >= maxRemembered) this.#registered.clear()
    this.#registered.add(projectId)
  }

  /** Accepts the Redis as it is: what it forgot is restored, or is never coming back. */
  async acknowledge (): Promise<void> {
    const epoch = acknowledged + randomUUID()
    await this.#redis.set(sharedKeys.epoch, epoch)
    this.#adopt(epoch)
  }

  /** A project turned out not to be registered any more. */
  unregister (projectId: string): void {
    this.#registered.delete(projectId)
  }

  #adopt (epoch: string): void {
    this.#forgot = false
    if (epoch === this.#epoch) return
    this.#registered.clear()
    this.#epoch = epoch
    this.#onEpoch(epoch)
  }

  #forget (): void {
    this.#forgot = true
    this.#registered.clear()
  }
}
