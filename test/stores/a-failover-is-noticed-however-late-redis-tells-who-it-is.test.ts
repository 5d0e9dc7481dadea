import t from 'tap'
import { anOutcome } from '../helpers/metering.ts'
import { until } from '../helpers/until.ts'
import { reserve, resilientScene } from './resilient-scene.ts'

t.test('a Redis that could not be looked at when it came back is looked at later, and told again what it may have lost', async t => {
  const { ledger, client, next, events } = await resilientScene(t, '--enable-debug-command', 'yes')
  await ledger.ready()
  await ledger.settle(await reserve(ledger), anOutcome(1, 1, 5))
  const meddler = client()
  await meddler.acl('SETUSER', 'default', '-info')
  await meddler.call('DEBUG', 'CHANGE-REPL-ID')
  await meddler.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await until(() => events.some(event => event.type === 'error' && String(event.error).includes('NOPERM')))
  const loss = next('loss')
  await meddler.acl('SETUSER', 'default', '+info')
  t.match(await loss, { replayed: 1 })
})
