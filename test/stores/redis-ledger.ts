import { Redis } from 'ioredis'
import { RedisLedger } from '../../src/stores/redis/ledger.ts'
import type { RedisLedgerOptions } from '../../src/stores/redis/ledger.ts'
import type { TestRedis } from '../helpers/redis.ts'
import type { TestClock } from './ledger-scene.ts'

/** A ledger in an emptied Redis, once it is connected. */
export async function openRedisLedger (redis: TestRedis, clock: TestClock, options: Partial<RedisLedgerOptions> = {}): Promise<RedisLedger> {
  const client = new Redis(redis.port)
  await client.flushall()
  client.disconnect()
  return await connectLedger(redis.address, { clock: clock.micros, totalMaxAge: 0, ...options })
}

/** A ledger over what is there, once it is connected: one that has seen no Redis before, and whose events nobody hears. */
export async function connectLedger (address: string, options: Partial<RedisLedgerOptions> = {}): Promise<RedisLedger> {
  const ledger = new RedisLedger({ address, timeZone: 'UTC', knownEpoch: null, onEpoch: () => {}, onEvent: () => {}, ...options })
  await ledger.ready()
  return ledger
}
