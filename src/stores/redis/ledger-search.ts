import { mintedAt } from '../../metering/reservation.ts'
import { parseRow } from '../../metering/row.ts'
import type { LedgerRow } from '../../metering/row.ts'
import type { FoundRequest } from '../ledger.ts'
import type { RedisClient } from './client.ts'
import { decodeRecord } from './ledger-codec.ts'
import { keysOf } from './ledger-keys.ts'

const rowsAtOnce = 1000
/** Rows looked through, from the request's time on, for one that is there or may be. */
const maxRowsSearched = 100_000
/** How far the clock of the gateway that minted the request may be ahead of Redis', ms. */
const largestSkew = 600_000

/**
 * What one project has of a request. Rows have no index: the first that can be the request's is found by its time, as rows are
 * written in the order of time, and those after it are looked through.
 */
export async function findInProject (redis: RedisClient, projectId: string, rid: string): Promise<FoundRequest | null> {
  const keys = keysOf(projectId)
  const [record, done] = await Promise.all([redis.hget(keys.open, rid), redis.hget(keys.done(mintedAt(rid)), rid)])
  if (record !== null) return { projectId, rows: [], open: decodeRecord(projectId, record) }
  const isYoung = await redis.exists(keys.done(mintedAt(rid))) === 1
  if (done === null && isYoung) return null
  let rows = await rowsSince(redis, keys.ledger, rid, mintedAt(rid))
  if (rows.length === 0) rows = await rowsSince(redis, keys.ledger, rid, mintedAt(rid) - largestSkew)
  return rows.length === 0 ? null : { projectId, rows, open: null }
}

async function rowsSince (redis: RedisClient, ledger: string, rid: string, atMs: number): Promise<LedgerRow[]> {
  const found: LedgerRow[] = []
  let next = await firstSince(redis, ledger, atMs)
  for (let searched = 0; searched < maxRowsSearched; searched += rowsAtOnce) {
    const entries = await redis.xrange(ledger, `${next}-0`, '+', 'COUNT', rowsAtOnce)
    for (const [, [, text = '']] of entries) {
      if (!text.includes(rid)) continue
      const row = parseRow(text)
      if (row.rid !== rid) continue
      found.push(row)
      // Only an estimate can have a second row.
      if (row.kind !== 'estimated') return found
    }
    if (entries.length < rowsAtOnce) break
    next += rowsAtOnce
  }
  return found
}

/** The number of the first row that was written at that moment (ms) or later. */
async function firstSince (redis: RedisClient, ledger: string, atMs: number): Promise<number> {
  let low = seqOf((await redis.xrange(ledger, '-', '+', 'COUNT', 1))[0]) ?? 1
  let high = (seqOf((await redis.xrevrange(ledger, '+', '-', 'COUNT', 1))[0]) ?? 0) + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [entry] = await redis.xrange(ledger, `${middle}-0`, '+', 'COUNT', 1)
    if (entry !== undefined && parseRow(entry[1][1] ?? '').at < atMs) low = middle + 1
    else high = middle
  }
  return low
}

function seqOf (entry: readonly [string, string[]] | undefined): number | null {
  return entry === undefined ? null : Number.parseInt(entry[0], 10)
}
