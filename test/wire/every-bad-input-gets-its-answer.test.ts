import t from 'tap'
import { allCases } from './cases/all.ts'
import { checkCases } from './wire-case.ts'

for (const [topic, cases] of Object.entries(allCases)) t.test(topic, async t => { await checkCases(t, cases) })

t.test('no prototype was touched', async t => { t.notOk('polluted' in {}) })
