import { once } from 'node:events'
import { RecordDirectory } from '../directory/record-directory.ts'
import { connectRedis } from './client.ts'
import type { RedisClient } from './client.ts'
import { RedisOwners } from './directory-owners.ts'
import { RedisRecords } from './directory-records.ts'
import { Gate } from './gate.ts'

/** A caller whose key is not cached waits for two commands, ms. */
const commandTimeout = 500
/** A start waits this long for the first connection, ms. */
const firstConnectionTimeout = 1_000

/** The directory in Redis. Opens also while Redis is away: until it is there, every call rejects with StoreUnavailableError. */
export async function openRedisDirectory (address: string, now: () => number, onError: (error: Error) => void): Promise<RecordDirectory> {
  const redis = connectRedis(address, { name: 'tollgate-directory', commandTimeout, onError })
  const gate = new Gate({ name: 'the directory', probe: () => redis.ping(), onChange: () => {} })
  await firstConnection(redis)
  return new RecordDirectory({ records: new RedisRecords(redis, gate), owners: new RedisOwners(redis, gate), now })
}

async function firstConnection (redis: RedisClient): Promise<void> {
  const ready = once(redis, 'ready', { signal: AbortSignal.timeout(firstConnectionTimeout) })
  await ready.catch(() => {})
}
