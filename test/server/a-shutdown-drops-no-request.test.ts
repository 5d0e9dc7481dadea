import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { rowsIn } from '../helpers/ledger-rows.ts'
import { chat, chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import type { Provider, ReceivedRequest } from '../helpers/provider.ts'
import { connectTo, rawChat, rawChatHead } from '../helpers/raw-client.ts'
import { StreamProbe } from '../helpers/sse.ts'
import { until } from '../helpers/until.ts'

/** Streams one chunk and then waits for the test; JSON it answers at once. */
function answer ({ body, response }: ReceivedRequest): void {
  if (!body.includes('"stream":true')) {
    sendJson(response, completion)
    return
  }
  openStream(response)
  response.write(chatChunk('one'))
}

async function endStream (provider: Provider, index: number): Promise<void> {
  const { response } = await provider.request(index)
  response.end(`${chatChunk('two')}${finishChunk}data: [DONE]\n\n`)
}

async function refused (url: string): Promise<boolean> {
  return await fetch(url).then(async response => {
    await response.text()
    return false
  }, () => true)
}

test('SIGTERM: not ready at once, served for 5 s, closed to new ones, streams to their end, all of it settled, exit 0', async t => {
  const provider = await startProvider(t, answer)
  const folder = t.testdir()
  const store = `sqlite:${folder}/tollgate.db`
  const { gateway, publicUrl, operatorUrl } = await startGatewayProcess(t, {
    env: { AIMLAPI_API_KEY: 'upstream-key', AIMLAPI_BASE_URL: provider.url, TOLLGATE_STORE: store }
  })
  const post = async (body: unknown): Promise<Response> => await fetch(`${publicUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  const probe = new StreamProbe(await post(chat({ stream: true })))
  await probe.until('one')
  t.equal((await fetch(`${operatorUrl}/readyz`)).status, 200)

  gateway.child.kill('SIGTERM')
  const told = performance.now()
  await until(async () => (await fetch(`${operatorUrl}/readyz`)).status === 503)
  const late = await post(chat())
  t.equal(late.status, 200)
  t.equal(late.headers.get('connection'), 'close')
  t.match(await late.json(), { object: 'chat.completion' })
  t.equal((await fetch(`${operatorUrl}/livez`)).status, 200)

  await until(async () => await refused(`${publicUrl}/v1/models`))
  const servedMs = performance.now() - told
  // Timers count from the turn of the loop in which they were set, which may have begun a while before the signal.
  t.ok(servedMs > 4_500, `closed after ${servedMs} ms`)
  await endStream(provider, 0)
  t.match(await probe.toEnd(), /"two".*\[DONE\]\n\n$/s)
  t.equal(await gateway.exited, 0, gateway.complaints)
  t.same((await rowsIn(store, folder)).map(({ kind }) => kind), ['settled', 'settled'])
})

test('a stream that outlasts the deadline ends with an error event', async t => {
  const provider = await startProvider(t, answer)
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'drain: { delay: 0ms, deadline: 50ms }' })
  const probe = new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) }))
  await probe.until('one')
  const drained = gateway.server.drain()
  const text = await probe.toEnd()
  t.notMatch(text, '[DONE]')
  t.match(JSON.parse(text.trimEnd().split('data: ').at(-1) ?? ''), { error: { code: 'draining', type: 'server_error' } })
  await drained
})

test('a request without an answer by then gets an error that SDKs try again', async t => {
  const provider = await startProvider(t, () => {})
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'drain: { delay: 0ms, deadline: 50ms }' })
  const responding = gateway.fetch('/chat/completions', { body: chat() })
  await provider.request(0)
  const drained = gateway.server.drain()
  const response = await responding
  t.equal(response.status, 503)
  t.match(await response.json(), { error: { code: 'draining' } })
  await drained
})

/** More than all the buffers on the way. */
const large = 40_000_000

/** A client that has begun to read a large answer, and then pauses. */
async function pausedReader (gateway: TestGateway): Promise<Reader> {
  const socket = connectTo(gateway.publicUrl)
  const reader: Reader = { socket, received: 0 }
  socket.on('error', () => {})
  socket.on('data', chunk => { reader.received += chunk.length })
  socket.write(rawChat(gateway.key, chat()))
  await once(socket, 'data')
  socket.pause()
  return reader
}

interface Reader {
  readonly socket: Socket
  received: number
}

function answerLarge ({ response }: ReceivedRequest): void {
  sendJson(response, { ...completion, choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(large) }, finish_reason: 'stop' }] })
}

test('a client that reads slowly gets all of its answer', async t => {
  const provider = await startProvider(t, answerLarge)
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'drain: { delay: 0ms, deadline: 60s }' })
  const reader = await pausedReader(gateway)
  const drained = gateway.server.drain()
  await until(async () => await refused(`${gateway.publicUrl}/v1/models`))
  reader.socket.resume()
  await once(reader.socket, 'close')
  t.ok(reader.received > large, `${reader.received} bytes`)
  await drained
})

test('a client that reads nothing does not hold it up', async t => {
  const provider = await startProvider(t, answerLarge)
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'drain: { delay: 0ms, deadline: 50ms }' })
  const reader = await pausedReader(gateway)
  await gateway.server.drain()
  reader.socket.resume()
  await once(reader.socket, 'close')
  t.ok(reader.received < large, `cut after ${reader.received} bytes`)
})

test('a request whose head is on its way is not cut off', async t => {
  const provider = await startProvider(t, answer)
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'drain: { delay: 0ms, deadline: 60s }' })
  const body = JSON.stringify(chat())
  const socket = connectTo(gateway.publicUrl)
  let received = ''
  socket.on('data', (chunk: Buffer) => { received += chunk.toString() })
  await once(socket, 'connect')
  socket.write(rawChatHead(gateway.key))
  // The gateway has seen the half of it when it has answered what came after it.
  await (await gateway.fetch('/nowhere')).text()
  const drained = gateway.server.drain()
  await until(async () => await refused(`${gateway.publicUrl}/v1/models`))
  socket.write(`content-length: ${body.length}\r\n\r\n${body}`)
  await once(socket, 'close')
  t.match(received, /^HTTP\/1.1 200 OK/)
  await drained
})

test('of two requests that were sent together, the second is not cut off', async t => {
  const provider = await startProvider(t, answer)
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'drain: { delay: 0ms, deadline: 60s }' })
  const socket = connectTo(gateway.publicUrl)
  let received = ''
  socket.on('data', (chunk: Buffer) => { received += chunk.toString() })
  socket.write(rawChat(gateway.key, chat()) + rawChat(gateway.key, chat({ stream: true })))
  await until(() => received.includes('"one"'))
  const drained = gateway.server.drain()
  await until(async () => await refused(`${gateway.publicUrl}/v1/models`))
  await endStream(provider, 1)
  await once(socket, 'close')
  t.match(received, /"two".*\[DONE\]/s)
  await drained
})
