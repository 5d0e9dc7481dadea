import type { OwnersStore } from '../directory.ts'
import type { Owner } from '../directory/objects.ts'
import type { RedisClient } from './client.ts'
import type { Gate } from './gate.ts'

/** Owners in Redis: a string each, which Redis removes when its time is over. Bounded by time alone. */
export class RedisOwners implements OwnersStore {
  readonly #redis: RedisClient
  readonly #gate: Gate

  constructor (redis: RedisClient, gate: Gate) {
    this.#redis = redis
    this.#gate = gate
  }

  async record (objectId: string, owner: Owner, ttlSeconds: number): Promise<Owner> {
    const there = await this.#gate.call(() => this.#redis.set(keyOf(objectId), JSON.stringify(owner), 'EX', ttlSeconds, 'NX', 'GET'))
    return there === null ? owner : JSON.parse(there)
  }

  async get (objectId: string): Promise<Owner | null> {
    const owner = await this.#gate.call(() => this.#redis.get(keyOf(objectId)))
    return owner === null ? null : JSON.parse(owner)
  }

  async delete (objectId: string): Promise<void> {
    await this.#gate.call(() => this.#redis.del(keyOf(objectId)))
  }
}

function keyOf (objectId: string): string {
  return `tg:owner:${objectId}`
}
