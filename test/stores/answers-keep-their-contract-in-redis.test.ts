import { Redis } from 'ioredis'
import t from 'tap'
import { openRedisAnswerStore } from '../../src/stores/redis/answer-store.ts'
import { startRedis } from '../helpers/redis.ts'
import { answerStoreContract, seal } from './answer-store-contract.ts'

const redis = await startRedis(t)
const admin = new Redis(redis.port)
t.teardown(() => { admin.disconnect() })

answerStoreContract(t, async t => {
  await admin.flushall()
  const store = await openRedisAnswerStore(redis.address, seal, () => {})
  t.teardown(() => store.close())
  return store
})
