import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { EventSourceMessage } from 'eventsource-parser'
import { test } from 'tap'
import type { Test } from 'tap'
import { LiveRequests } from '../../src/telemetry/live-requests.ts'
import type { LiveView } from '../../src/telemetry/live-requests.ts'
import { RequestFacts } from '../../src/telemetry/request-facts.ts'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { StreamProbe } from '../helpers/sse.ts'

/** An open live view. */
class Watcher {
  readonly #events: ReadableStreamDefaultReader<EventSourceMessage>
  /** The id of the last event. */
  id = ''

  constructor (response: Response) {
    if (response.body === null) throw new Error('no body')
    this.#events = response.body.pipeThrough(new TextDecoderStream() as never).pipeThrough<EventSourceMessage>(new EventSourceParserStream() as never).getReader()
  }

  /** The next view that the test wants; null at the end. */
  async next (wanted: (view: LiveView) => boolean = () => true): Promise<LiveView | null> {
    for (;;) {
      const { done, value } = await this.#events.read()
      if (done) return null
      this.id = value.id ?? ''
      const view = JSON.parse(value.data) as LiveView
      if (wanted(view)) return view
    }
  }
}

async function watch (t: Test, gateway: TestGateway, headers: Record<string, string> = {}): Promise<Watcher> {
  const leaving = new AbortController()
  t.teardown(() => { leaving.abort() })
  const response = await fetch(`${gateway.operatorUrl}/v1/tollgate/requests`, {
    headers: { authorization: `Bearer ${gateway.adminKey}`, ...headers },
    signal: leaving.signal
  })
  t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  return new Watcher(response)
}

test('a stream is seen in flight, growing, and then among the ended', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const watcher = await watch(t, gateway)
  t.same(await watcher.next(), { in_flight: 0, open: [], ended: [] })

  const probe = new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) }))
  await probe.until('one')
  const during = await watcher.next(({ open: [request] }) => request !== undefined && request.bytes > 0)
  t.match(during, {
    in_flight: 1,
    open: [{ request_id: /^req_/, project: 'proj_default', endpoint: 'chat.completions', model: 'm', stream: true, relayed: true, age_ms: Number }]
  })
  const { response } = await provider.request(0)
  response.end(`${finishChunk}data: [DONE]\n\n`)
  await probe.toEnd()
  const after = await watcher.next(({ ended }) => ended.length > 0)
  t.match(after, { in_flight: 0, open: [], ended: [{ number: 1, status: 200, model: 'm', upstream: 'aimlapi', total_ms: Number, at: Number }] })
})

test('refused requests are seen with their reason, and a page that comes back misses nothing', async t => {
  const gateway = await startGateway(t)
  await (await gateway.fetch('/chat/completions', { body: chat(), headers: { authorization: 'Bearer nothing' } })).text()
  const first = await watch(t, gateway)
  await first.next()
  await (await gateway.fetch('/chat/completions', { body: '{' })).text()
  const all = await (await watch(t, gateway)).next()
  t.match(all, { ended: [{ number: 1, status: 401, error: 'invalid_api_key' }, { number: 2, status: 400, error: 'invalid_json', project: 'proj_default' }] })
  const rest = await (await watch(t, gateway, { 'last-event-id': first.id })).next()
  t.same(rest?.ended.map(({ number }) => number), [2])
  const afterRestart = await (await watch(t, gateway, { 'last-event-id': '00000000-4711' })).next()
  t.same(afterRestart?.ended.map(({ number }) => number), [1, 2])
})

test('it is for admin keys only', async t => {
  const gateway = await startGateway(t)
  for (const headers of [{}, { authorization: `Bearer ${gateway.key}` }]) {
    const response = await fetch(`${gateway.operatorUrl}/v1/tollgate/requests`, { headers })
    await response.text()
    t.equal(response.status, 401)
  }
  const response = await gateway.fetch('/tollgate/requests')
  await response.text()
  t.equal(response.status, 404, 'and not on the public listener')
})

test('an open view does not hold up a shutdown, and ends with it', async t => {
  const gateway = await startGateway(t)
  const watcher = await watch(t, gateway)
  await watcher.next()
  await gateway.server.close()
  t.equal(await watcher.next(), null)
})

test('of the ended, the last 200 are kept', async t => {
  const live = new LiveRequests()
  for (let count = 0; count < 250; count++) {
    const facts = new RequestFacts(`req_${count}`, 'GET', null)
    live.began(facts)
    facts.close(404, true, null, () => { live.ended(facts) })
  }
  const { ended, in_flight: inFlight } = live.view({})
  t.equal(inFlight, 0)
  t.equal(ended.length, 200)
  t.match(ended.at(-1), { number: 250, request_id: 'req_249' })
})
