import { pipeline } from 'node:stream/promises'
import { blocksOf, exportLines, writeWhole } from '../../stores/ledger-lines.ts'
import { withRecords } from './open.ts'
import type { StoreOptions } from './open.ts'

/** `tollgate ledger export`: every row, one a line. A file is complete or not there. */
export async function exportRows (file: string | undefined, options: StoreOptions): Promise<void> {
  await withRecords(options, async ({ records }) => {
    const lines = exportLines(records)
    if (file === undefined) await pipeline(blocksOf(lines), process.stdout)
    else await writeWhole(file, lines)
  })
}
