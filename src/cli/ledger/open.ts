import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { ArchiveError } from '../../metering/archive.ts'
import type { Ledger } from '../../stores/ledger.ts'
import { openLedgerToMend, openRecords } from '../../stores/open-records.ts'
import type { OpenedRecords } from '../../stores/open-records.ts'
import { LedgerInUseError } from '../../stores/sqlite/ledger-lock.ts'
import { StoreUnavailableError } from '../../stores/unavailable.ts'
import { CommandError } from '../command-error.ts'
import { reasonOf } from '../doctor/finding.ts'

export interface StoreOptions {
  readonly config?: string
}

/** Works with the rows of the configuration's ledger, also beside gateways that serve from it. */
export async function withRecords<Result> (options: StoreOptions, work: (opened: OpenedRecords) => Promise<Result>): Promise<Result> {
  return await withOpened(options, openRecords, work)
}

/** Works with the configuration's ledger itself. */
export async function withLedger<Result> (options: StoreOptions, work: (ledger: Ledger) => Promise<Result>): Promise<Result> {
  return await withOpened(options, openLedgerToMend, work)
}

export async function configOf ({ config: file }: StoreOptions): Promise<Config> {
  return await loadConfig({ env: process.env, file })
}

async function withOpened<Opened extends { close (): Promise<void> }, Result> (options: StoreOptions, open: (address: string, timeZone: string) => Promise<Opened>, work: (opened: Opened) => Promise<Result>): Promise<Result> {
  const { store, metering } = await configOf(options)
  try {
    const opened = await open(store, metering.time_zone)
    try {
      return await work(opened)
    } finally {
      await opened.close()
    }
  } catch (error) {
    throw explained(error)
  }
}

function explained (error: unknown): unknown {
  if (error instanceof LedgerInUseError) return new CommandError('a gateway has the ledger open. Stop it first', { cause: error })
  if (error instanceof ArchiveError) return new CommandError(error.message, { cause: error })
  if (error instanceof StoreUnavailableError) return new CommandError(`the ledger cannot be read (${reasonOf(error.cause)}). Check TOLLGATE_STORE with: tollgate doctor`, { cause: error })
  return isFileError(error) ? new CommandError(error.message, { cause: error }) : error
}

function isFileError (error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)
}
