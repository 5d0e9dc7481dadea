import { Redis } from 'ioredis'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Admission } from '../../src/metering/admission.ts'
import type { AdmitRequest, Reservation } from '../../src/metering/reservation.ts'
import { parseRow } from '../../src/metering/row.ts'
import type { LedgerRow } from '../../src/metering/row.ts'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import type { VerifyReport } from '../../src/stores/ledger-verify.ts'
import type { Ledger, LedgerEvent } from '../../src/stores/ledger.ts'
import { ResilientLedger } from '../../src/stores/redis/resilient-ledger.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import { aRequest, ridAt } from '../helpers/metering.ts'
import { startRedis } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'

/** A Redis, and a replica of the gateway in front of it, as they are in production. */
export interface ResilientScene {
  readonly redis: TestRedis
  readonly ledger: ResilientLedger
  readonly folder: string
  readonly events: readonly LedgerEvent[]
  /** The next event of a type; those that were there before are not counted. */
  next (type: LedgerEvent['type']): Promise<LedgerEvent>
  /** Another client, to look and to meddle. */
  client (): Redis
}

export async function resilientScene (t: Test, ...redisOptions: readonly string[]): Promise<ResilientScene> {
  const redis = await startRedis(t, ...redisOptions)
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-spool-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return { redis, folder, ...openReplica(t, redis, folder), client: () => clientOf(t, redis) }
}

/** Another replica, or the same one in its next life. */
export function openReplica (t: Test, redis: TestRedis, folder: string): Pick<ResilientScene, 'ledger' | 'events' | 'next'> {
  const events: LedgerEvent[] = []
  const listeners = new Set<(event: LedgerEvent) => void>()
  const onEvent = (event: LedgerEvent): void => {
    events.push(event)
    for (const listener of listeners) listener(event)
  }
  const ledger = new ResilientLedger({ address: redis.address, timeZone: 'UTC', folder, onEvent })
  t.teardown(() => ledger.close())
  const next = (type: LedgerEvent['type']): Promise<LedgerEvent> => new Promise(resolve => {
    const listener = (event: LedgerEvent): void => {
      if (event.type !== type) return
      listeners.delete(listener)
      resolve(event)
    }
    listeners.add(listener)
  })
  return { ledger, events, next }
}

function clientOf (t: Test, redis: TestRedis): Redis {
  const client = new Redis(redis.port)
  client.on('error', () => {})
  t.teardown(() => { client.disconnect() })
  return client
}

/** A request of now. */
export function newRequest (fields: Partial<AdmitRequest> = {}): AdmitRequest {
  return aRequest(ridAt(Date.now()), fields)
}

export function reservationOf (admission: Admission): Reservation {
  if (!admission.admitted || admission.reservation === null) throw new Error('not admitted')
  return admission.reservation
}

export async function reserve (ledger: Ledger, fields: Partial<AdmitRequest> = {}): Promise<Reservation> {
  return reservationOf(await ledger.admit(newRequest(fields)))
}

export async function rowsOf ({ records }: Ledger, projectId = 'proj_a'): Promise<LedgerRow[]> {
  return await whenReadable(async () => {
    const rows: LedgerRow[] = []
    for await (const { text } of records.rows(projectId, 0)) rows.push(parseRow(text))
    return rows
  })
}

export async function differencesIn ({ records }: Ledger): Promise<VerifyReport['differences']> {
  return (await whenReadable(() => verifyLedger(records))).differences
}

/** Reads have a connection of their own, which is back from an outage when it is. */
async function whenReadable<Result> (read: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      await sleep(20)
    }
  }
}
