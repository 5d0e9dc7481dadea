import type { Cluster, Redis } from 'ioredis'
import type { OwnersStore } from '../directory.ts'
import type { Owner } from '../directory/objects.ts'
import { answered } from './directory-records.ts'

/** Owners in Redis: a string each, which Redis removes when its time is over. Bounded by time alone. */
export class RedisOwners implements OwnersStore {
  readonly #redis: Redis | Cluster

  constructor (redis: Redis | Cluster) {
    this.#redis = redis
  }

  async record (objectId: string, owner: Owner, ttlSeconds: number): Promise<Owner> {
    const there = await answered(this.#redis.set(keyOf(objectId), JSON.stringify(owner), 'EX', ttlSeconds, 'NX', 'GET'))
    return there === null ? owner : JSON.parse(there)
  }

  async get (objectId: string): Promise<Owner | null> {
    const owner = await answered(this.#redis.get(keyOf(objectId)))
    return owner === null ? null : JSON.parse(owner)
  }

  async delete (objectId: string): Promise<void> {
    await answered(this.#redis.del(keyOf(objectId)))
  }
}

function keyOf (objectId: string): string {
  return `tg:owner:${objectId}`
}
