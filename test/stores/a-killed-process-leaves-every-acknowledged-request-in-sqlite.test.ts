import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'tap'
import { parseRow } from '../../src/metering/row.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'

const ridLength = 36

test('whatever was acknowledged before kill -9 is open or a row, once, and nothing else is billed', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const admitted = new Set<string>()
  const settled = new Set<string>()
  for (let life = 0; life < 3; life++) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'test/helpers/ledger-child.ts', path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const enough = (life + 1) * 400
    for await (const line of createInterface({ input: child.stdout })) {
      const [what, rid = ''] = line.split(' ')
      // The kill may cut the last line.
      if (rid.length < ridLength) continue
      const acknowledged = what === 'admitted' ? admitted : settled
      acknowledged.add(rid)
      if (settled.size >= enough) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  const future = (): number => (Date.now() + 60_000) * 1000
  const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process', clock: future })
  t.teardown(() => ledger.close())
  await ledger.reap()
  const kinds = new Map<string, string>()
  for await (const { text } of ledger.records.rows('proj_a', 0)) {
    const { rid, kind } = parseRow(text)
    t.notOk(kinds.has(rid), 'one row a request')
    kinds.set(rid, kind)
  }
  t.ok(settled.size >= 1200)
  t.same([...settled].filter(rid => kinds.get(rid) !== 'settled'), [])
  t.same([...admitted].filter(rid => !kinds.has(rid)), [])
})
