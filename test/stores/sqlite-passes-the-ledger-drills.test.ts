import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { firstOf } from '../../src/stores/first-of.ts'
import { ledgerDrills } from './ledger-drills.ts'

ledgerDrills('SQLite', async (t, clock) => {
  const folder = t.testdir({ before: {}, after: {} })
  const open = (name: string): SqliteLedger => {
    const ledger = new SqliteLedger({ path: join(folder, name, 'ledger.db'), timeZone: 'UTC', durability: 'process', clock: clock.micros })
    t.teardown(() => ledger.close())
    return ledger
  }
  const ledger = open('before')
  const meddle = async (sql: string, ...values: readonly (string | number)[]): Promise<void> => {
    await ledger.records.projectIds()
    const db = new DatabaseSync(join(folder, 'before', 'ledger.db'), { timeout: 1000 })
    db.prepare(sql).run(...values)
    db.close()
  }
  return {
    ledger,
    alterRow: async (projectId, seq, change) => {
      const row = await firstOf(ledger.records.rows(projectId, seq - 1))
      await meddle('UPDATE ledger_rows SET text = ? WHERE project = ? AND seq = ?', change(row?.text ?? ''), projectId, seq)
    },
    dropRow: (projectId, seq) => meddle('DELETE FROM ledger_rows WHERE project = ? AND seq = ?', projectId, seq),
    alterSum: (projectId, day) => meddle(
      "UPDATE ledger_hours SET output_tokens = output_tokens + 1 WHERE project = ? AND start >= ? AND start < ? AND key = 'key_b'",
      projectId, Math.floor(day / 86_400_000) * 86_400_000, Math.floor(day / 86_400_000 + 1) * 86_400_000),
    alterMinute: (projectId, hour) => meddle(
      "UPDATE ledger_minutes SET output_tokens = output_tokens + 1 WHERE project = ? AND start >= ? AND start < ? AND key = 'key_b'",
      projectId, Math.floor(hour / 3_600_000) * 3_600_000, Math.floor(hour / 3_600_000 + 1) * 3_600_000),
    alterSpend: (projectId, period) => meddle("UPDATE ledger_spends SET spent = spent + 1 WHERE project = ? AND period = ? AND spender = ''", projectId, period),
    wipe: async () => open('after')
  }
})
