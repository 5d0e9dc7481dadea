import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import type { ArchivedRow } from '../../metering/archive.ts'
import { archivedRows } from '../../stores/ledger-archive.ts'
import { linesOf, rowsOfLines } from '../../stores/ledger-lines.ts'
import { restoreLedger } from '../../stores/ledger-restore.ts'
import { CommandError } from '../command-error.ts'
import { withLedger } from './open.ts'
import type { StoreOptions } from './open.ts'

/** `tollgate ledger restore`: rows that the ledger lost. */
export async function restore (source: string, options: StoreOptions): Promise<void> {
  const { rows, known } = await withLedger(options, async ledger => {
    const archived = source !== '-' && (await stat(source)).isDirectory()
    return await restoreLedger(ledger, archived ? archivedRows(source) : exportedRows(source), archived)
  })
  if (rows === 0) throw new CommandError(`${source} has no rows`)
  process.stdout.write(`${rows} rows, ${known} of them were still there\n`)
}

function exportedRows (source: string): AsyncIterable<ArchivedRow> {
  return source === '-' ? rowsOfLines(createInterface({ input: process.stdin }), 'line') : rowsOfLines(linesOf(source), basename(source))
}
