import { Agent } from 'undici'
import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { chat, jsonOf, post, respond } from './support.ts'

t.test('a status and a documented body, on every endpoint', async t => {
  const demo = await startDemo(t)
  const cases = [
    ['demo-404', 404], ['demo-500', 500], ['demo-503', 503], ['demo-403-credits', 403], ['demo-429', 429], ['demo-status', 418], ['demo-status-529', 529]
  ] as const
  for (const [model, status] of cases) {
    const responses = [
      await chat(demo, { model }), await chat(demo, { model, stream: true }), await respond(demo, { model }), await post(demo, '/embeddings', { model, input: 'x' })
    ]
    for (const response of responses) {
      t.equal(response.status, status)
      t.match(await jsonOf(response), { message: String, path: /^\/v1\//, requestId: String, statusCode: String(status), timestamp: String })
    }
  }
})

t.test('other shapes', async t => {
  const demo = await startDemo(t, { key: 'secret' })
  const call = (model: string): Promise<Response> => chat(demo, { model }, { authorization: 'Bearer secret' })
  t.match(await jsonOf(await call('demo-400-validation')), { statusCode: 400, meta: { messages: { _errors: [String] } } })
  t.match(await jsonOf(await call('demo-401')), { title: 'Unauthorized', error: { name: 'UnauthorizedException' } })
  t.match(await jsonOf(await call('demo-leak')), { status: 401, message: /Bearer secret/, error: { message: /Bearer secret/ } })
  t.match(await jsonOf(await call('demo-500-wrapped')), { statusCode: '500', message: /^400 \{/ })

  const html = await call('demo-html')
  t.equal(html.status, 502)
  t.match(html.headers.get('content-type'), 'text/html')
  const error = await call('demo-error-200')
  t.equal(error.status, 200)
  t.match(await jsonOf(error), { error: { message: String, type: 'server_error', param: null, code: 'server_error' } })
  const empty = await call('demo-204')
  t.equal(empty.status, 204)
  const redirect = await call('demo-redirect')
  t.strictSame([redirect.status, redirect.headers.get('location')], [307, '/demo/redirected'])
})

t.test('429 with every kind of advice', async t => {
  const demo = await startDemo(t, { now: () => 0 })
  const cases: ReadonlyArray<readonly [model: string, retryAfter: string | null, retryAfterMs: string | null]> = [
    ['demo-429', '7', null],
    ['demo-429-20', '20', null],
    ['demo-429-ms-250', null, '250'],
    ['demo-429-date-30', 'Thu, 01 Jan 1970 00:00:30 GMT', null],
    ['demo-429-bare', null, null]
  ]
  for (const [model, retryAfter, retryAfterMs] of cases) {
    const { status, headers } = await chat(demo, { model })
    t.strictSame([status, headers.get('retry-after'), headers.get('retry-after-ms')], [429, retryAfter, retryAfterMs], model)
  }
})

t.test('no answer at all', async t => {
  const demo = await startDemo(t)
  await t.rejects(chat(demo, { model: 'demo-reset' }), { cause: { code: 'ECONNRESET' } })
  const caller = new AbortController()
  const call = fetch(`${demo.url}/chat/completions`, { method: 'POST', signal: caller.signal, body: '{"model":"demo-hang"}' })
  demo.recorder.once('request', () => caller.abort())
  await t.rejects(call, { name: 'AbortError' })
  t.match(demo.requests, [{ ending: 'cut', httpStatus: 0 }, { httpStatus: 0 }])
})

t.test('a connection that has been used before is reset', async t => {
  const demo = await startDemo(t)
  const agent = new Agent({ connections: 1 })
  t.teardown(() => agent.close())
  const call = async (): Promise<number> => {
    const { statusCode, body } = await agent.request({
      origin: new URL(demo.url).origin, path: '/v1/chat/completions', method: 'POST', body: '{"model":"demo-reset-reused","messages":[]}'
    })
    await body.dump()
    return statusCode
  }
  t.equal(await call(), 200)
  await t.rejects(call(), { code: 'ECONNRESET' })
  t.equal(await call(), 200)
})

t.test('flaky: so many failures, then a success', async t => {
  const demo = await startDemo(t)
  const statuses = async (model: string, count: number): Promise<number[]> => {
    const all: number[] = []
    for (let i = 0; i < count; i++) all.push((await chat(demo, { model })).status)
    return all
  }
  t.strictSame(await statuses('demo-flaky', 4), [503, 200, 503, 200])
  t.strictSame(await statuses('demo-flaky-2', 6), [503, 503, 200, 503, 503, 200])
})
