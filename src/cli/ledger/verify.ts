import type { Difference } from '../../metering/audit.ts'
import { firstOf } from '../../stores/first-of.ts'
import { archivedRows } from '../../stores/ledger-archive.ts'
import { verifyLedger } from '../../stores/ledger-verify.ts'
import type { ReadableRecords } from '../../stores/ledger.ts'
import { CommandError } from '../command-error.ts'
import { printJson } from '../print.ts'
import { withRecords } from './open.ts'
import type { StoreOptions } from './open.ts'

export interface VerifyOptions extends StoreOptions {
  readonly archive?: string
  readonly json?: boolean
}

/** `tollgate ledger verify`: names every row, sum and counter that does not agree with the others. Exit code 1 when there is one. */
export async function verify ({ archive, json, ...options }: VerifyOptions): Promise<void> {
  const { projects, rows, differences } = await withRecords(options, async ({ records }) => {
    if (archive !== undefined) return await verifyLedger(records, archivedRows(archive))
    if (await wasTrimmed(records)) throw new CommandError('archived rows were trimmed. Name the folder that has them with --archive')
    return await verifyLedger(records)
  })
  if (json === true) printJson({ projects, rows, differences })
  else process.stdout.write(differences.map(printDifference).join('') + `${projects} projects, ${rows} rows, ${differences.length === 0 ? 'no' : differences.length} differences\n`)
  if (differences.length > 0) process.exitCode = 1
}

function printDifference ({ projectId, name, found, expected }: Difference): string {
  return `${projectId} ${name}: found ${found}, expected ${expected}\n`
}

async function wasTrimmed (records: ReadableRecords): Promise<boolean> {
  for (const projectId of await records.projectIds()) {
    const exported = await records.exported(projectId)
    const first = await firstOf(records.rows(projectId, 0))
    if (exported > 0 && (first?.seq ?? Infinity) > 1) return true
  }
  return false
}
