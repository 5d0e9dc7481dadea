import { Redis } from 'ioredis'
import t from 'tap'
import { startRedis } from '../helpers/redis.ts'
import { ledgerDrills } from './ledger-drills.ts'
import { openRedisLedger } from './redis-ledger.ts'

const redis = await startRedis(t)

ledgerDrills('Redis', async (t, clock) => {
  const client = new Redis(redis.port)
  t.teardown(() => { client.disconnect() })
  const open = async () => {
    const ledger = await openRedisLedger(redis, clock)
    t.teardown(() => ledger.close())
    return ledger
  }
  const ledger = await open()
  /** Streams cannot be changed: they are written anew. */
  const rewrite = async (key: string, change: (seq: number, fields: string[]) => string[] | null): Promise<void> => {
    const entries = await client.xrange(key, '-', '+')
    await client.del(key)
    for (const [id, fields] of entries) {
      const changed = change(Number.parseInt(id, 10), fields)
      if (changed !== null) await client.xadd(key, id, ...changed)
    }
  }
  return {
    ledger,
    alterRow: (projectId, seq, change) => rewrite(`tg:{${projectId}}:ledger`, (at, [name = '', text = '', ...check]) => [name, at === seq ? change(text) : text, ...check]),
    dropRow: (projectId, seq) => rewrite(`tg:{${projectId}}:ledger`, (at, fields) => at === seq ? null : fields),
    alterSum: async (projectId, day) => {
      const key = `tg:{${projectId}}:day:${Math.floor(day / 86_400_000)}`
      const [field = ''] = await client.hkeys(key)
      await client.hincrby(key, field, 1)
    },
    alterMinute: async (projectId, hour) => {
      const key = `tg:{${projectId}}:minutes:${Math.floor(hour / 3_600_000)}`
      const [field = ''] = await client.hkeys(key)
      await client.hincrby(key, field, 1)
    },
    alterSpend: async (projectId, period) => { await client.hincrby(`tg:{${projectId}}:spend:${period}`, 'spent:', 1) },
    wipe: open
  }
})
