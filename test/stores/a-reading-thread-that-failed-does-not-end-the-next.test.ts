import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { Database } from '../../src/stores/sqlite/database.ts'
import { LedgerReader } from '../../src/stores/sqlite/ledger-reader.ts'

const schema = readFileSync(new URL('../../src/stores/sqlite/ledger-schema.sql', import.meta.url), 'utf8')

t.test('a read right after the failure of another is answered by a thread of its own', async t => {
  const path = join(t.testdir(), 'not-there-yet', 'ledger.db')
  const reader = new LedgerReader(path)
  t.teardown(() => reader.close())
  await t.rejects(reader.call('projectIds'), { message: 'the ledger did not answer' })
  mkdirSync(dirname(path))
  await new Database(path, schema, 'the ledger').close()
  t.same(await reader.call('projectIds'), [])
})
