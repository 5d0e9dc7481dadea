import { join } from 'node:path'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { ledgerContract } from './ledger-contract.ts'

ledgerContract('SQLite', async (t, clock) => {
  const path = join(t.testdir(), 'ledger.db')
  const open = (): SqliteLedger => new SqliteLedger({ path, timeZone: 'UTC', durability: 'process', clock: clock.micros })
  let ledger = open()
  t.teardown(() => ledger.close())
  return {
    ledger,
    restart: async () => {
      await ledger.close()
      ledger = open()
      return ledger
    }
  }
})
