import { parseRow } from '../../src/metering/row.ts'
import type { LedgerRow } from '../../src/metering/row.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { openLedger } from '../../src/stores/open.ts'

/** The rows of the project `default` in a store that no gateway uses any more. */
export async function rowsIn (store: string, folder: string): Promise<LedgerRow[]> {
  const ledger = await openLedger(store, { timeZone: 'UTC', durability: 'process', folder, onEvent: () => {} })
  try {
    return await rowsOf(ledger)
  } finally {
    await ledger.close()
  }
}

/** The rows of the project `default`. */
export async function rowsOf (ledger: Ledger): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = []
  for await (const { text } of ledger.records.rows('proj_default', 0)) rows.push(parseRow(text))
  return rows
}

/** The first row of the project `default`, once it is there: a client that left is not waited for by its settlement. */
export async function firstRow (ledger: Ledger): Promise<LedgerRow> {
  for (;;) {
    const [row] = await rowsOf(ledger)
    if (row !== undefined) return row
    await new Promise(resolve => setImmediate(resolve))
  }
}
