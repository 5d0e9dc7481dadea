import { readFileSync } from 'node:fs'
import type { Count, SharedCounts } from '../shared-counts.ts'
import { connectRedis } from './client.ts'
import type { RedisClient } from './client.ts'

type Add = (key: string, count: number, window: number) => Promise<[current: number, ttl: number]>

const lua = readFileSync(new URL('./shared-counts.lua', import.meta.url), 'utf8')
const timeout = 250

/** Counts in Redis, which forgets them by itself. */
export class RedisSharedCounts implements SharedCounts {
  readonly #client: RedisClient

  constructor (address: string, onError: (error: Error) => void) {
    this.#client = connectRedis(address, { name: 'tollgate-counts', commandTimeout: timeout, onError })
    this.#client.defineCommand('tollgate_count', { numberOfKeys: 1, lua })
  }

  async add (additions: ReadonlyMap<string, number>, window: number): Promise<ReadonlyMap<string, Count>> {
    const { tollgate_count: add } = this.#client as unknown as { readonly tollgate_count: Add }
    return new Map(await Promise.all([...additions].map(async ([name, count]) => {
      const [current, ttl] = await add.call(this.#client, `tg:count:${name}`, count, window)
      return [name, { current, ttl }] as const
    })))
  }

  async close (): Promise<void> {
    this.#client.disconnect()
  }
}
