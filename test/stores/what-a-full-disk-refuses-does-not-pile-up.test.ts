import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'

const rules = [aRule({ metric: 'requests_per_day', limit: 1000 })]

void t.test('refused requests and hits leave nothing to write', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })
  const disk = new DatabaseSync(path)
  t.teardown(async () => {
    disk.close()
    await ledger.close()
  })
  const admit = (hit: boolean) => ledger.admit(aRequest(ridAt(Date.now()), { rules, hit }))
  const { reservation } = { reservation: null, ...await admit(false) }
  if (reservation === null) throw new Error('it was admitted')

  disk.exec("CREATE TRIGGER full BEFORE INSERT ON ledger_journal BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
  await t.rejects(ledger.settle(reservation, anOutcome(1, 1, 7)), StoreUnavailableError)
  for (let round = 0; round < 50; round++) {
    await t.rejects(admit(false), StoreUnavailableError)
    await t.rejects(admit(true), StoreUnavailableError)
  }
  disk.exec('DROP TRIGGER full')

  t.ok((await admit(false)).admitted, 'there is room again')
  const written = disk.prepare('SELECT changes FROM ledger_journal').all().flatMap(({ changes }) => JSON.parse(String(changes)) as [string][])
  t.same(written.map(([type]) => type).filter(type => type !== 'limiters'), ['open', 'row', 'open'])
  t.ok(written.length <= 8, `${written.length} changes`)
  t.match(await ledger.limits('proj_a', 'key_a', rules), [{ remaining: 998 }], 'what was refused took nothing')
})
