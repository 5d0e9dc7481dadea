import t from 'tap'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'

const seeded = (extra: Record<string, unknown> = {}): Record<string, unknown> => ({ model: 'gpt-4o', seed: 7, messages: [{ role: 'user', content: 'Hello there' }], ...extra })

t.test('on the same replica: JSON byte for byte, JSON and streams from one entry, the upstream called once', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  const first = await gateway.fetch('/chat/completions', { body: seeded() })
  t.equal(first.headers.get('x-tollgate-cache'), 'miss')
  const bytes = await first.text()
  const second = await gateway.fetch('/chat/completions', { body: seeded() })
  t.equal(second.headers.get('x-tollgate-cache'), 'hit')
  t.match(second.headers.get('age'), /^\d+$/)
  t.not(second.headers.get('x-request-id'), first.headers.get('x-request-id'))
  t.equal(await second.text(), bytes)

  const streamed = await gateway.fetch('/chat/completions', { body: seeded({ stream: true }) })
  t.equal(streamed.headers.get('x-tollgate-cache'), 'hit')
  t.equal(streamed.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const events = (await streamed.text()).split('\n\n').filter(event => event.startsWith('data: {')).map(event => JSON.parse(event.slice(6)) as { id: string, choices: Array<{ delta: { content?: string } }> })
  const answer = JSON.parse(bytes) as { id: string, choices: Array<{ message: { content: string } }> }
  t.ok(events.every(({ id }) => id === answer.id))
  t.equal(events.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), answer.choices[0]?.message.content)
  t.equal(demo.requests.length, 1)
})

t.test('a stream that was asked for first is found by whoever asks for JSON', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  await (await gateway.fetch('/chat/completions', { body: seeded({ stream: true }) })).text()
  const response = await gateway.fetch('/chat/completions', { body: seeded() })
  t.equal(response.headers.get('x-tollgate-cache'), 'hit')
  t.match(await response.json(), { object: 'chat.completion', choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: String } }] })
  t.equal(demo.requests.length, 1)
})

t.test('responses share by opting in, as JSON and as a stream', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  const ask = async (extra: Record<string, unknown>): Promise<Response> => await gateway.fetch('/responses', {
    headers: { 'x-tollgate-cache': 'reproducible' },
    body: { model: 'gpt-4o', input: 'Hello', store: false, ...extra }
  })
  const bytes = await (await ask({})).text()
  const hit = await ask({})
  t.equal(hit.headers.get('x-tollgate-cache'), 'hit')
  t.equal(await hit.text(), bytes)
  t.match(await (await ask({ stream: true })).text(), /event: response\.completed\n/)
  t.equal(demo.requests.length, 1)
})

t.test('after a restart, and on another replica', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t, '--appendonly', 'yes')
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-answers-'))
  t.teardown(async () => { await rm(folder, { recursive: true, force: true }) })
  const start = async (answers: string) => await startGateway(t, { upstream: demo.url, env: { TOLLGATE_ANSWERS_STORE: answers } })
  for (const store of [`sqlite:${join(folder, 'shared.db')}`, redis.address]) {
    const before = demo.requests.length
    const first = await start(store)
    const bytes = await (await first.fetch('/chat/completions', { body: seeded({ user: store }) })).text()
    await first.server.close()
    const second = await start(store)
    const hit = await second.fetch('/chat/completions', { body: seeded({ user: store }) })
    t.equal(hit.headers.get('x-tollgate-cache'), 'hit', store.slice(0, 6))
    t.equal(await hit.text(), bytes)
    await second.server.close()
    t.equal(demo.requests.length - before, 1)
  }
  const [one, other] = [await start(redis.address), await start(redis.address)]
  const bytes = await (await one.fetch('/chat/completions', { body: seeded({ seed: 8 }) })).text()
  t.equal(await (await other.fetch('/chat/completions', { body: seeded({ seed: 8 }) })).text(), bytes)
})

t.test('seeds that differ only beyond 2^53 do not share, and neither do projects', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  for (const seed of ['9007199254740992', '9007199254740993']) {
    const response = await gateway.fetch('/chat/completions', { body: `{"model":"gpt-4o","seed":${seed},"messages":[{"role":"user","content":"x"}]}` })
    t.equal(response.headers.get('x-tollgate-cache'), 'miss')
    await response.text()
  }
  const project = await (await admin(gateway, '/organization/projects', { name: 'other' })).json() as { id: string }
  const account = await (await admin(gateway, `/organization/projects/${project.id}/service_accounts`, { name: 'app' })).json() as { api_key: { value: string } }
  await (await gateway.fetch('/chat/completions', { body: seeded() })).text()
  const foreign = await gateway.fetch('/chat/completions', { body: seeded(), headers: { authorization: `Bearer ${account.api_key.value}` } })
  t.equal(foreign.headers.get('x-tollgate-cache'), 'miss')
})

async function admin ({ operatorUrl, adminKey }: { operatorUrl: string, adminKey: string }, path: string, body: unknown): Promise<Response> {
  return await fetch(`${operatorUrl}/v1${path}`, { method: 'POST', headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
}
