import { join } from 'node:path'
import t from 'tap'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { reserve } from './resilient-scene.ts'

t.test('released and renewed before the next fold, a reservation is found by the next start', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const open = (): SqliteLedger => new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })
  const first = open()
  const reservation = await reserve(first)
  await first.reap()
  await first.release(reservation)
  await first.renew([reservation])
  t.equal(first.openCount, 1)
  await first.close()

  const next = open()
  t.teardown(() => next.close())
  t.equal(next.openCount, 1)
})
