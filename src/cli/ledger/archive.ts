import { archiveLedger, trimArchived } from '../../stores/ledger-archive.ts'
import { withRecords } from './open.ts'
import type { StoreOptions } from './open.ts'

/** `tollgate ledger archive`: the days that are over, one file each. */
export async function archive (folder: string, { trim, ...options }: StoreOptions & { readonly trim?: boolean }): Promise<void> {
  const { files, rows } = await withRecords(options, async ({ records }) => {
    const report = await archiveLedger(records, folder)
    if (trim === true) await trimArchived(records)
    return report
  })
  process.stdout.write([...files, `${files.length} days, ${rows} rows`].map(line => `${line}\n`).join(''))
}
