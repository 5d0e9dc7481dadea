import { setTimeout as sleep } from 'node:timers/promises'
import { parseRow } from '../../src/metering/row.ts'
import type { LedgerRow } from '../../src/metering/row.ts'
import { connectRedis } from '../../src/stores/redis/client.ts'
import type { RedisClient } from '../../src/stores/redis/client.ts'
import { keysOf } from '../../src/stores/redis/ledger-keys.ts'
import { RedisLedgerRecords } from '../../src/stores/redis/ledger-records.ts'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import type { Call } from './load.ts'
import type { Stand } from './stand.ts'

/** One request, as the upstream saw it. */
export interface Truth {
  /** The call's name. */
  readonly model: string | null
  readonly prompt_tokens: number
  readonly completion_tokens: number
}

/** A row, and whose it is. */
export interface Row extends LedgerRow {
  readonly projectId: string
}

/** All that is known when everything has come to rest. */
export interface Evidence {
  readonly calls: readonly Call[]
  readonly truths: readonly Truth[]
  readonly rows: readonly Row[]
  /** Of the project `tight`, nano-USD. */
  readonly budget: number
  /** From the last request until nothing was reserved, leased, held or spooled any more, ms. */
  readonly restMs: number
  /** What `ledger verify` finds: rows, sums and counters that do not agree. */
  readonly differences: readonly string[]
}

/** Longest wait for rest; the aim is 40 s. */
const patienceMs = 60_000

/** Waits for rest, and collects what is known. */
export async function collect (stand: Stand, calls: readonly Call[]): Promise<Evidence> {
  const redis = connectRedis(`redis://127.0.0.1:${stand.redis.port}`, { name: 'chaos', commandTimeout: 10_000, onError: () => {} })
  const records = new RedisLedgerRecords(redis, async () => {}, async () => Date.now())
  try {
    const restMs = await untilAtRest(stand, redis, records)
    const { differences } = await verifyLedger(records)
    return {
      calls,
      truths: (await stand.upstreamRecord()).split('\n').slice(0, -1).map(line => JSON.parse(line) as Truth),
      rows: await rowsOf(records),
      budget: stand.budget,
      restMs,
      differences: differences.map(({ projectId, name, found, expected }) => `${projectId} ${name}: ${found}, not ${expected}`)
    }
  } finally {
    redis.disconnect()
  }
}

async function untilAtRest (stand: Stand, redis: RedisClient, records: RedisLedgerRecords): Promise<number> {
  const start = performance.now()
  for (;;) {
    const took = performance.now() - start
    if (took > patienceMs || (!stand.replicas.some(({ owes }) => owes) && await nothingHeld(redis, records).catch(() => false))) return took
    await sleep(100)
  }
}

async function nothingHeld (redis: RedisClient, records: RedisLedgerRecords): Promise<boolean> {
  for (const projectId of await records.projectIds()) {
    const { open, lease, held } = keysOf(projectId)
    const counts = await Promise.all([redis.hlen(open), redis.zcard(lease), redis.hlen(held)])
    const { spends } = await records.monthSums(projectId, new Date().toISOString().slice(0, 7))
    if ([...counts, ...spends.map(({ reserved }) => reserved)].some(count => count !== 0)) return false
  }
  return true
}

async function rowsOf (records: RedisLedgerRecords): Promise<Row[]> {
  const rows: Row[] = []
  for (const projectId of await records.projectIds()) {
    for await (const { text } of records.rows(projectId, 0)) rows.push({ ...parseRow(text), projectId })
  }
  return rows
}
