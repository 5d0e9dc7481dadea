import t from 'tap'
import { startEmptyRedis } from './directory-contract/redis.ts'
import { sharedContract } from './directory-contract/shared.ts'

const redis = await startEmptyRedis(t)

sharedContract(t, async (count, clock) => {
  const first = await redis.openEmpty(clock)
  return [first, ...await Promise.all(Array.from({ length: count - 1 }, () => redis.open(clock)))]
})
