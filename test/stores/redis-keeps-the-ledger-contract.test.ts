import t from 'tap'
import { RedisLedger } from '../../src/stores/redis/ledger.ts'
import { startRedis } from '../helpers/redis.ts'
import { ledgerContract } from './ledger-contract.ts'

const redis = await startRedis(t, '--databases', '64')
let databases = 0

ledgerContract('Redis', async (t, clock) => {
  // Every test has a database of its own.
  const address = `${redis.address}/${databases++}`
  const open = async (): Promise<RedisLedger> => {
    const ledger = new RedisLedger({
      address,
      timeZone: 'UTC',
      knownEpoch: null,
      onEpoch: () => {},
      onEvent: () => {},
      clock: clock.micros
    })
    t.teardown(() => ledger.close())
    await ledger.ready()
    return ledger
  }
  return { ledger: await open(), restart: open }
})
