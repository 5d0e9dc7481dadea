import t from 'tap'
import type { ServerResponse } from 'node:http'
import { startGateway } from '../helpers/gateway.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'

const whole = JSON.stringify(completion)

/** No length and no chunks: the end of the connection is the end of the body. */
function closeDelimited (response: ServerResponse, body: string): void {
  response.socket?.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${body}`)
}

interface Case {
  readonly answer: (response: ServerResponse) => void
  readonly status: number
  readonly code: string
}

const broken: Record<string, Case> = {
  'half a close-delimited body': { answer: response => { closeDelimited(response, whole.slice(0, -20)) }, status: 502, code: 'upstream_invalid_response' },
  'a close-delimited body cut inside braces': { answer: response => { closeDelimited(response, '{"id":"x","choices":[{"index":0}}') }, status: 502, code: 'upstream_invalid_response' },
  'fewer bytes than content-length': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
      response.write(whole.slice(0, -5), () => { response.socket?.destroy() })
    },
    status: 502,
    code: 'upstream_disconnected'
  },
  'text that is not JSON': { answer: response => { sendJson(response, 'Bad gateway') }, status: 502, code: 'upstream_invalid_response' },
  'an empty body': { answer: response => { sendJson(response, '') }, status: 502, code: 'upstream_invalid_response' },
  'a 204': { answer: response => { response.writeHead(204).end() }, status: 502, code: 'upstream_invalid_response' },
  'an error with status 200': { answer: response => { sendJson(response, { error: { message: 'boom' } }) }, status: 502, code: 'upstream_error' },
  'an error with status 200, after much waiting': { answer: response => { sendJson(response, `${'\n'.repeat(200)}{"error":{"message":"boom"}}`) }, status: 502, code: 'upstream_error' },
  'a redirect': { answer: response => { response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end() }, status: 502, code: 'upstream_invalid_response' },
  'a stream where none was asked for': { answer: response => { response.writeHead(200, { 'content-type': 'Text/Event-Stream' }).end('data: [DONE]\n\n') }, status: 502, code: 'upstream_invalid_response' },
  'a compressed answer': { answer: response => { sendJson(response, completion, 200, { 'content-encoding': 'gzip' }) }, status: 502, code: 'upstream_invalid_response' },
  'JSON where a stream was asked for': { answer: response => { sendJson(response, completion) }, status: 502, code: 'upstream_invalid_response' }
}

for (const [name, { answer, status, code }] of Object.entries(broken)) {
  t.test(`${name} is ${status} ${code}`, async t => {
    const provider = await startProvider(t, ({ response }) => { answer(response) })
    const gateway = await startGateway(t, { upstream: provider.url })
    const response = await gateway.fetch('/chat/completions', { body: chat({ stream: name === 'JSON where a stream was asked for' }) })
    t.equal(response.status, status)
    t.match(await response.json(), { error: { code, type: 'upstream_error', message: String, param: null } })
    t.equal(provider.requests.length, 1, 'it may have been billed: no second try')
  })
}

const good: Record<string, (response: ServerResponse) => void> = {
  'a whole close-delimited body': response => { closeDelimited(response, whole) },
  'a 201, as AIMLAPI answers': response => { sendJson(response, whole, 201) },
  'space around the body': response => { sendJson(response, `\n ${whole} \n`) },
  'an early hint before it': response => { response.writeEarlyHints({ link: '</x>; rel=preload' }, () => { sendJson(response, whole) }) }
}

for (const [name, answer] of Object.entries(good)) {
  t.test(`${name} is 200`, async t => {
    const provider = await startProvider(t, ({ response }) => { answer(response) })
    const gateway = await startGateway(t, { upstream: provider.url })
    const response = await gateway.fetch('/chat/completions', { body: chat() })
    t.equal(response.status, 200)
    t.equal(response.headers.get('content-type'), 'application/json')
    t.equal((await response.text()).trim(), whole)
  })
}

t.test('an answer above the bound is 502', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { ...completion, pad: 'x'.repeat(4096) }) })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'response: { max_bytes: 2KiB }' })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 502)
  t.match(await response.json(), { error: { code: 'upstream_invalid_response' } })
})
