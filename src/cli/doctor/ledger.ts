import { existsSync } from 'node:fs'
import type { Config } from '../../config/schema.ts'
import { parseRow } from '../../metering/row.ts'
import { dedupeHorizonMs } from '../../metering/reservation.ts'
import { dayMs, hoursKeptMs, minutesKeptMs } from '../../metering/usage.ts'
import { firstOf } from '../../stores/first-of.ts'
import { openRecords } from '../../stores/open-records.ts'
import type { OpenedRecords } from '../../stores/open-records.ts'
import { StoreUnavailableError } from '../../stores/unavailable.ts'
import { printBytes } from './bytes.ts'
import { fail, ok, reasonOf, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** What the rows of a ledger take. */
export interface Held {
  readonly rows: number
  readonly bytes: number
  /** When the oldest was written, ms; null when there is none. */
  readonly since: number | null
}

/** Older rows are for an archive: nothing of the gateway reads them, ms. */
const longHeld = 100 * dayMs
const kept = `Sums are kept by the minute for ${minutesKeptMs / dayMs} days, by the hour for ${hoursKeptMs / dayMs}, ended requests are remembered for ${dedupeHorizonMs / dayMs}`

/** How many rows the ledger holds, since when, and what one takes, as measured in this store. */
export async function checkLedger ({ store, metering }: Config): Promise<Finding[]> {
  if (store.startsWith('sqlite:') && !existsSync(store.slice('sqlite:'.length))) return [ok('ledger', 'is made at the first start')]
  try {
    const opened = await openRecords(store, metering.time_zone)
    try {
      return [verdictOn(await heldBy(opened), Date.now())]
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (store.startsWith('redis')) return [warn('ledger', `cannot be read (${reasonOf(error)})`, 'see the store above')]
    const cause = error instanceof StoreUnavailableError ? error.cause : error
    return [fail('ledger', `cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, 'restore the file from a backup, or name another: store')]
  }
}

export function verdictOn ({ rows, bytes, since }: Held, now: number): Finding {
  if (since === null) return ok('ledger', `no rows. ${kept} days`)
  const days = Math.ceil((now - since) / dayMs)
  const message = `${rows} rows of ${days} days, ${printBytes(bytes)}, ${printBytes(bytes / rows)} each, ${printBytes(bytes / days)} a day. They stay until they are archived and trimmed. ${kept} days`
  return now - since > longHeld ? warn('ledger', message, 'archive what is over, daily: tollgate ledger archive <folder> --trim') : ok('ledger', message)
}

async function heldBy ({ records, bytes }: OpenedRecords): Promise<Held> {
  let [rows, since] = [0, Infinity]
  for (const projectId of await records.projectIds()) {
    const first = await firstOf(records.rows(projectId, 0))
    if (first === undefined) continue
    rows += await records.lastSeq(projectId) - first.seq + 1
    since = Math.min(since, parseRow(first.text).at)
  }
  return { rows, bytes: await bytes(), since: rows === 0 ? null : since }
}
