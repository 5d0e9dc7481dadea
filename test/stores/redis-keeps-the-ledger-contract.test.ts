import t from 'tap'
import type { RedisLedger } from '../../src/stores/redis/ledger.ts'
import { startRedis } from '../helpers/redis.ts'
import { ledgerContract } from './ledger-contract.ts'
import { connectLedger } from './redis-ledger.ts'

const redis = await startRedis(t, '--databases', '64')
let databases = 0

ledgerContract('Redis', async (t, clock) => {
  // Every test has a database of its own.
  const address = `${redis.address}/${databases++}`
  const open = async (): Promise<RedisLedger> => {
    const ledger = await connectLedger(address, { clock: clock.micros })
    t.teardown(() => ledger.close())
    return ledger
  }
  return { ledger: await open(), restart: open }
})
