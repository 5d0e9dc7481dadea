import OpenAI from 'openai'
import { once } from 'node:events'
import { pino } from 'pino'
import { test } from 'tap'
import type { Test } from 'tap'
import { SpendAlerts } from '../../src/alerts.ts'
import type { Spend } from '../../src/alerts.ts'
import { signingSecretOf } from '../../src/keys/signing-secret.ts'
import { Calendar } from '../../src/metering/period.ts'
import { openDirectory } from '../../src/stores/open.ts'
import { startProvider } from '../helpers/provider.ts'
import type { ReceivedRequest } from '../helpers/provider.ts'

const pepper = 'a pepper for tests only'
const actor = { type: 'system', id: null, address: null } as const
const cents = 10_000_000
const month = new Calendar('UTC').at(Date.now())
const spent = (amount: number): Spend => ({ month, total: amount * cents, byProject: new Map([['proj_a', amount * cents]]) })

async function setting (t: Test, answer: (request: ReceivedRequest, number: number) => number) {
  let number = 0
  const hook = await startProvider(t, request => {
    request.response.writeHead(answer(request, number++))
    request.response.end()
  })
  const directory = await openDirectory('sqlite::memory:')
  t.teardown(async () => { await directory.close() })
  await directory.projects.create({ id: 'proj_a', name: 'a', spendAlerts: [{ id: 'alert_a', thresholdNanoUsd: 100 * cents, webhookUrl: hook.url }] }, actor)
  const alerts = (amount: () => number) => {
    const alerts = new SpendAlerts({ directory, spend: async () => spent(amount()), pepper, logger: pino({ level: 'silent' }), backOff: [1, 1, 1] })
    t.teardown(async () => { await alerts.close() })
    return alerts
  }
  return { hook, directory, alerts }
}

test('an alert is sent when its threshold is reached, and not again', async t => {
  const { hook, directory, alerts } = await setting(t, () => 204)
  let amount = 99
  const own = alerts(() => amount)
  await own.look()
  t.equal(hook.requests.length, 0)
  amount = 100
  await own.look()
  await own.look()
  await alerts(() => 150).look()
  t.equal(hook.requests.length, 1)

  const [call] = hook.requests
  const client = new OpenAI({ apiKey: 'unused', webhookSecret: signingSecretOf('alert_a', pepper) })
  const event = await client.webhooks.unwrap(call?.body.toString() ?? '', call?.headers as Record<string, string>)
  t.match(event, { object: 'event', type: 'project.spend_alert.reached', data: { id: 'alert_a', project_id: 'proj_a', month: month.id, threshold_amount: 100, spent_amount: 100 } })
  await t.rejects(client.webhooks.unwrap(`${call?.body.toString() ?? ''} `, call?.headers as Record<string, string>), 'another body is not what was signed')

  await directory.organization.update(() => ({ spendAlerts: [{ id: 'alert_all', thresholdNanoUsd: 50 * cents, webhookUrl: hook.url }] }), actor)
  await own.look()
  t.match(JSON.parse(hook.requests[1]?.body.toString() ?? ''), { type: 'organization.spend_alert.reached', data: { project_id: null } })
})

test('of many replicas one sends', async t => {
  const { hook, alerts } = await setting(t, () => 200)
  await Promise.all(Array.from({ length: 5 }, async () => { await alerts(() => 100).look() }))
  t.equal(hook.requests.length, 1)
})

test('a webhook that fails is called again, as the same event', async t => {
  const { hook, alerts } = await setting(t, (_request, number) => number < 2 ? 500 : 200)
  await alerts(() => 100).look()
  t.equal(hook.requests.length, 3)
  t.equal(new Set(hook.requests.map(({ headers }) => headers['webhook-id'])).size, 1)
})

test('attempts have an end, and redirects are not followed', async t => {
  const { hook, alerts } = await setting(t, ({ response }) => {
    response.setHeader('location', '/elsewhere')
    return 302
  })
  await alerts(() => 100).look()
  t.equal(hook.requests.length, 4)
  t.ok(hook.requests.every(({ url }) => url === '/v1'))
})

test('webhooks that fail leave room for others', async t => {
  const { hook, directory, alerts } = await setting(t, () => 200)
  const broken = await startProvider(t, ({ response }) => { response.socket?.destroy() })
  const spendAlerts = Array.from({ length: 18 }, (_, number) => ({ id: `alert_${number}`, thresholdNanoUsd: 1, webhookUrl: broken.url }))
  await directory.organization.update(() => ({ spendAlerts }), actor)
  const own = alerts(() => 100)
  await own.look()
  t.equal(hook.requests.length, 0, 'there are more failing ones than go at a time')
  await own.look()
  t.equal(hook.requests.length, 1)
})

test('closing ends an open call', async t => {
  const { directory } = await setting(t, () => 200)
  const silent = await startProvider(t, () => {})
  await directory.projects.update('proj_a', () => ({ spendAlerts: [{ id: 'alert_b', thresholdNanoUsd: 1, webhookUrl: silent.url }] }), actor)
  const own = new SpendAlerts({ directory, spend: async () => spent(100), pepper, logger: pino({ level: 'silent' }) })
  const looking = own.look()
  const { response } = await silent.request(0)
  const closed = once(response, 'close')
  await own.close()
  await Promise.all([looking, closed])
  t.pass('nothing is left open')
})
