import { parseRow } from '../../src/metering/row.ts'
import type { LedgerRow } from '../../src/metering/row.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { openLedger } from '../../src/stores/open.ts'

/** The rows of the project `default` in a store that no gateway uses any more. */
export async function rowsIn (store: string, folder: string): Promise<LedgerRow[]> {
  const ledger = await openLedger(store, { timeZone: 'UTC', durability: 'process', folder, onEvent: () => {} })
  try {
    const rows: LedgerRow[] = []
    for await (const { text } of ledger.records.rows('proj_default', 0)) rows.push(parseRow(text))
    return rows
  } finally {
    await ledger.close()
  }
}

/** The first row of the project `default`, once it is there: a client that left is not waited for by its settlement. */
export async function firstRow (ledger: Ledger): Promise<LedgerRow> {
  for (;;) {
    const rows: string[] = []
    for await (const { text } of ledger.records.rows('proj_default', 0)) rows.push(text)
    if (rows[0] !== undefined) return parseRow(rows[0])
    await new Promise(resolve => setImmediate(resolve))
  }
}
