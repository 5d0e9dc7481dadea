import type { Test } from 'tap'
import { mintKey } from '../../src/keys/key.ts'
import type { ErrorCode } from '../../src/openai/errors.ts'
import { booleanOf } from '../../src/openai/members.ts'
import { scan } from '../../src/openai/scan.ts'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import type { Provider, ReceivedRequest } from '../helpers/provider.ts'
import { RawConnection } from './raw-connection.ts'
import type { Answer } from './raw-connection.ts'

/** Bytes in, and what must come back. */
export interface WireCase {
  readonly title: string
  readonly send: string | Buffer
  readonly status: number
  /** `error.code`, for answers that are failures. */
  readonly code?: ErrorCode
  /** `error.param`, null when not given. */
  readonly param?: string
  /** Headers that the answer must have. */
  readonly headers?: Readonly<Record<string, string>>
  /** The gateway closes the connection. Else the next request on it must be answered. */
  readonly closes?: boolean
}

/** The key that every gateway of these tests knows. */
export const key = mintKey().token

/** `body.max_bytes` of these gateways. */
export const maxBodyBytes = 4_194_304

export const validBody = '{"model":"m","messages":[{"role":"user","content":"Hi"}]}'

/** The head of a request with the key; `lines` are further headers, or others than the usual ones. */
export function head (requestLine: string, ...lines: readonly string[]): string {
  const usual = ['host: tollgate.test', `authorization: Bearer ${key}`]
  const left = usual.filter(line => !lines.some(given => given.toLowerCase().startsWith(line.slice(0, line.indexOf(':') + 1))))
  return [requestLine, ...left, ...lines, '', ''].join('\r\n')
}

export function get (target: string, ...lines: readonly string[]): string {
  return head(`GET ${target} HTTP/1.1`, ...lines)
}

/** A chat completion with its length, and as JSON unless `lines` say otherwise. */
export function post (body: string | Buffer = validBody, ...lines: readonly string[]): Buffer {
  return postTo('/v1/chat/completions', body, ...lines)
}

export function postTo (target: string, body: string | Buffer, ...lines: readonly string[]): Buffer {
  const bytes = Buffer.from(body)
  const type = lines.some(line => line.toLowerCase().startsWith('content-type')) ? [] : ['content-type: application/json']
  return Buffer.concat([Buffer.from(head(`POST ${target} HTTP/1.1`, ...type, ...lines, `content-length: ${bytes.length}`), 'latin1'), bytes])
}

export interface Listener {
  readonly gateway: TestGateway
  readonly provider: Provider
}

/** The tests send many bad keys from one address, and keep the event loop that they share with the gateway busy. */
const yaml = `{body: {max_bytes: ${maxBodyBytes}B}, door: {max: 1000000}, overload: {max_loop_delay: 1h}}`

/** A gateway in front of a provider that answers everything at once. */
export async function startListener (t: Test): Promise<Listener> {
  const provider = await startProvider(t, request => {
    const { method, response } = request
    if (wantsStream(request)) {
      openStream(response)
      response.end(`${finishChunk}data: [DONE]\n\n`)
    } else sendJson(response, method === 'GET' ? { object: 'list', data: [{ id: 'm', object: 'model', created: 1, owned_by: 'test' }] } : completion)
  })
  const gateway = await startGateway(t, { upstream: provider.url, yaml, env: { TOLLGATE_BOOTSTRAP_KEY: key } })
  return { gateway, provider }
}

function wantsStream ({ url, body }: ReceivedRequest): boolean {
  if (!/\/(chat\/completions|responses|responses\/compact)$/.test(url) || body.length === 0) return false
  return booleanOf(scan(body, { maxDepth: Infinity, maxTokens: Infinity }), 'stream') === true
}

/** Runs each case on a connection of its own. */
export async function checkCases (t: Test, cases: readonly WireCase[]): Promise<void> {
  const listener = await startListener(t)
  for (const wireCase of cases) {
    await t.test(wireCase.title, async t => { await checkCase(t, listener, wireCase) })
  }
}

async function checkCase (t: Test, { gateway, provider }: Listener, { send, status, code, param, headers = {}, closes = false }: WireCase): Promise<void> {
  const before = callsOf(provider)
  const connection = await RawConnection.open(gateway.publicUrl)
  t.teardown(() => { connection.destroy() })
  connection.send(send)
  const answer = await connection.answer(isHead(send))
  t.equal(answer.status, status, `answers ${status}: ${answer.body.slice(0, 300)}`)
  t.match(answer.headers.get('x-request-id'), /^req_[0-9a-f]{32}$/, 'has a request id')
  for (const [name, value] of Object.entries(headers)) t.equal(answer.headers.get(name), value, name)
  if (status >= 400) {
    if (!isHead(send)) checkFailure(t, answer, code, param ?? null)
    t.equal(callsOf(provider), before, 'nothing was sent upstream')
  }
  if (closes) t.equal(await connection.rest(), '', 'the connection is closed without another word')
  else await checkInStep(t, connection)
  await checkAlive(t, gateway)
}

/** Lists of models are fetched for the gateway itself. */
function callsOf ({ requests }: Provider): number {
  return requests.filter(({ method, url }) => method !== 'GET' || url !== '/v1/models').length
}

function isHead (send: string | Buffer): boolean {
  return (typeof send === 'string' ? send : send.toString('latin1', 0, 5)).startsWith('HEAD ')
}

/** OpenAI's error shape: all four members, and the code that was to be expected. */
export function checkFailure (t: Test, answer: Answer, code: ErrorCode | undefined, param: string | null = null): void {
  t.match(answer.headers.get('content-type'), /^application\/json\b/)
  const { error } = JSON.parse(answer.body) as { error: Record<string, unknown> }
  t.strictSame(Object.keys(error).sort(), ['code', 'message', 'param', 'type'])
  t.equal(error.code, code)
  t.equal(error.param, param)
  t.type(error.message, 'string')
  t.ok(error.message !== '', 'says what is wrong')
  t.type(error.type, 'string')
}

/** One answer for one request: the next one on the connection gets its own. */
async function checkInStep (t: Test, connection: RawConnection): Promise<void> {
  connection.send(get('/v1/models'))
  const next = await connection.answer()
  t.equal(next.status, 200, 'the connection goes on with the next request')
  t.equal(connection.unread, '', 'and there is no answer too many')
}

async function checkAlive (t: Test, gateway: TestGateway): Promise<void> {
  const connection = await RawConnection.open(gateway.publicUrl)
  connection.send(get('/v1/models', 'connection: close'))
  t.equal((await connection.answer()).status, 200, 'the gateway lives')
  connection.destroy()
}
