import { cellName } from '../../metering/audit.ts'
import type { StoredRow, StoredSpend } from '../../metering/audit.ts'
import type { Reservation } from '../../metering/reservation.ts'
import { dayMs, floorTo, hourMs, minuteMs, spanOf, usagePage } from '../../metering/usage.ts'
import type { UsageCell, UsagePage, UsageQuery } from '../../metering/usage.ts'
import type { FoundRequest, LedgerRecords, MonthSums, SpanSums } from '../ledger.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import type { RedisClient } from './client.ts'
import { decodeRecord, decodeSums } from './ledger-codec.ts'
import { keysOf, sharedKeys } from './ledger-keys.ts'
import { findInProject } from './ledger-search.ts'

const rowsAtOnce = 1000
/** Reads under way at the same time. */
const readsAtOnce = 100

/** Appends rows of an export, in their order. */
export type Restore = (projectId: string, rows: readonly string[]) => Promise<void>

/** The rows and sums in Redis. */
export class RedisLedgerRecords implements LedgerRecords {
  readonly restore: Restore
  readonly #redis: RedisClient
  readonly #clock: () => Promise<number>

  /** `clock` is the store's, ms. */
  constructor (redis: RedisClient, restore: Restore, clock: () => Promise<number>) {
    this.#redis = redis
    this.restore = restore
    this.#clock = clock
  }

  async projectIds (): Promise<readonly string[]> {
    const ids = await answered(this.#redis.hkeys(sharedKeys.projects))
    return ids.sort()
  }

  async * rows (projectId: string, after: number): AsyncGenerator<StoredRow, void> {
    const { ledger } = keysOf(projectId)
    for (let last = after; ;) {
      const entries = await answered(this.#redis.xrange(ledger, `${last + 1}-0`, '+', 'COUNT', rowsAtOnce))
      for (const [id, [, text = '', , check = '']] of entries) yield { seq: Number.parseInt(id, 10), text, check }
      if (entries.length < rowsAtOnce) return
      last = Number.parseInt(entries.at(-1)?.[0] ?? '0', 10)
    }
  }

  async find (rid: string): Promise<FoundRequest | null> {
    const searches = (await this.projectIds()).map(projectId => () => answered(findInProject(this.#redis, projectId, rid)))
    return (await someAtOnce(searches, readsAtOnce)).find(found => found !== null) ?? null
  }

  daySums (projectId: string, dayStartMs: number): Promise<SpanSums> {
    return this.#sums(projectId, keysOf(projectId).day(dayStartMs), dayStartMs, hourMs)
  }

  hourSums (projectId: string, hourStartMs: number): Promise<SpanSums> {
    return this.#sums(projectId, keysOf(projectId).minutes(hourStartMs), hourStartMs, minuteMs)
  }

  /** `size` is the width of one sum, ms. */
  async #sums (projectId: string, key: string, startMs: number, size: number): Promise<SpanSums> {
    const [seq, sums] = await this.#atOneMoment<[string | null, Record<string, string>]>([['hget', keysOf(projectId).meta, 'seq'], ['hgetall', key]])
    const cells = decodeSums(projectId, startMs, size, sums)
    return { seq: Number(seq ?? 0), cells: new Map(cells.map(cell => [cellName(cell), cell.amounts])) }
  }

  async monthSums (projectId: string, period: string): Promise<MonthSums> {
    const keys = keysOf(projectId)
    const [seq, spend, open] = await this.#atOneMoment<[string | null, Record<string, string>, Record<string, string>]>([
      ['hget', keys.meta, 'seq'], ['hgetall', keys.spend(period)], ['hgetall', keys.open]
    ])
    const reservations = Object.values(open).map(record => decodeRecord(projectId, record))
    return { seq: Number(seq ?? 0), spends: spendsOf(spend), open: reservations.filter(reservation => reservation.period === period) }
  }

  async lastSeq (projectId: string): Promise<number> {
    return Number(await answered(this.#redis.hget(keysOf(projectId).meta, 'seq')) ?? 0)
  }

  /** Those of some requests that are still open, by rid. */
  async openAmong (projectId: string, rids: readonly string[]): Promise<ReadonlyMap<string, Reservation>> {
    const records = await answered(this.#redis.hmget(keysOf(projectId).open, ...rids))
    const reservations = records.filter(record => record !== null).map(record => decodeRecord(projectId, record))
    return new Map(reservations.map(reservation => [reservation.rid, reservation]))
  }

  async exported (projectId: string): Promise<number> {
    return Number(await answered(this.#redis.hget(keysOf(projectId).meta, 'exported')) ?? 0)
  }

  async markExported (projectId: string, seq: number): Promise<void> {
    await answered(this.#redis.hset(keysOf(projectId).meta, 'exported', seq))
  }

  async trim (projectId: string, upTo: number): Promise<void> {
    const last = Math.min(upTo, await this.exported(projectId))
    await answered(this.#redis.xtrim(keysOf(projectId).ledger, 'MINID', `${last + 1}-0`))
  }

  now (): Promise<number> {
    return this.#clock()
  }

  /** What the rows of all projects take of Redis' memory, bytes. */
  async bytes (): Promise<number> {
    const sizes = (await this.projectIds()).map(projectId => async () => Number(await answered(this.#redis.memory('USAGE', keysOf(projectId).ledger)) ?? 0))
    return (await someAtOnce(sizes, readsAtOnce)).reduce((sum, size) => sum + size, 0)
  }

  async usage (query: UsageQuery): Promise<UsagePage> {
    const { startMs, endMs } = spanOf(query)
    const [stored, size] = query.width === 'minute' ? [hourMs, minuteMs] : [dayMs, hourMs]
    const reads: (() => Promise<UsageCell[]>)[] = []
    for (const projectId of new Set(query.projectIds ?? await this.projectIds())) {
      const keys = keysOf(projectId)
      for (let start = floorTo(startMs, stored); start < endMs; start += stored) {
        const key = query.width === 'minute' ? keys.minutes(start) : keys.day(start)
        reads.push(async () => decodeSums(projectId, start, size, await answered(this.#redis.hgetall(key))))
      }
    }
    return usagePage(query, (await someAtOnce(reads, readsAtOnce)).flat())
  }

  /** All of one project, so that they are in one slot. */
  async #atOneMoment<Results extends unknown[]> (commands: string[][]): Promise<Results> {
    const replies = await answered(this.#redis.multi(commands).exec())
    return (replies ?? []).map(([error, value]) => {
      if (error !== null) throw new StoreUnavailableError('the ledger', error)
      return value
    }) as Results
  }
}

function spendsOf (fields: Readonly<Record<string, string>>): StoredSpend[] {
  const spenders = new Set(Object.keys(fields).filter(field => field.includes(':')).map(field => field.slice(field.indexOf(':') + 1)))
  return [...spenders].map(spender => ({
    spender,
    spent: Number(fields[`spent:${spender}`] ?? 0),
    reserved: Number(fields[`reserved:${spender}`] ?? 0)
  }))
}

async function someAtOnce<Result> (tasks: readonly (() => Promise<Result>)[], most: number): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < tasks.length; from += most) results.push(...await Promise.all(tasks.slice(from, from + most).map(task => task())))
  return results
}

async function answered<Result> (reply: Promise<Result>): Promise<Result> {
  try {
    return await reply
  } catch (cause) {
    throw new StoreUnavailableError('the ledger', cause)
  }
}
