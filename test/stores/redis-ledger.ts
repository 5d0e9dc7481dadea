import { Redis } from 'ioredis'
import { RedisLedger } from '../../src/stores/redis/ledger.ts'
import type { RedisLedgerOptions } from '../../src/stores/redis/ledger.ts'
import type { TestRedis } from '../helpers/redis.ts'
import type { TestClock } from './ledger-contract.ts'

/** A ledger in an emptied Redis, once it is connected. */
export async function openRedisLedger (redis: TestRedis, clock: TestClock, options: Partial<RedisLedgerOptions> = {}): Promise<RedisLedger> {
  const client = new Redis(redis.port)
  await client.flushall()
  client.disconnect()
  const ledger = new RedisLedger({
    address: redis.address,
    timeZone: 'UTC',
    knownEpoch: null,
    onEpoch: () => {},
    onEvent: () => {},
    clock: clock.micros,
    totalMaxAge: 0,
    ...options
  })
  await ledger.ready()
  return ledger
}
