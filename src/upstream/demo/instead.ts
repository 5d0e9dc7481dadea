import { commonHeaders, nextTurn, occasionOf, send, sendProblem, type Exchange } from './exchange.ts'
import type { MagicName } from './magic.ts'
import { documentedProblem, namedProblem, validationProblem } from './problems.ts'

type Instead = (exchange: Exchange, number: number) => void

/** The magic that takes the place of an answer. */
const instead: Partial<Record<MagicName, Instead>> = {
  'demo-hang': () => {},
  'demo-reset': reset,
  'demo-reset-reused': reset,
  'demo-flaky': exchange => fail(exchange, 503),
  'demo-failed': exchange => fail(exchange, 500),
  'demo-error-in-stream': exchange => fail(exchange, 500),
  'demo-status': fail,
  'demo-400-validation': exchange =>
    sendProblem(exchange, validationProblem('messages', "Invalid enum value. Expected 'user' | 'assistant', received 'system'", occasionOf(exchange))),
  'demo-401': exchange => sendProblem(exchange, unauthorized(exchange)),
  'demo-403-credits': exchange =>
    fail(exchange, 403, "You've run out of credits. Please top up your balance or update your payment method to continue."),
  'demo-404': exchange => fail(exchange, 404),
  'demo-429': (exchange, seconds) => tooMany(exchange, { 'retry-after': String(seconds) }),
  'demo-429-ms': (exchange, ms) => tooMany(exchange, { 'retry-after-ms': String(ms) }),
  'demo-429-date': (exchange, seconds) =>
    tooMany(exchange, { 'retry-after': new Date(exchange.demo.now() + seconds * 1000).toUTCString() }),
  'demo-429-bare': exchange => tooMany(exchange, {}),
  'demo-500': exchange => fail(exchange, 500),
  'demo-500-wrapped': exchange => fail(exchange, 500,
    '400 {"type":"error","error":{"type":"invalid_request_error","message":"Unable to access model demo."}}'),
  'demo-503': exchange => fail(exchange, 503),
  'demo-html': exchange =>
    send(exchange, 502, 'text/html', '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>'),
  'demo-error-200': exchange => send(exchange, 200, 'application/json; charset=utf-8',
    '{"error":{"message":"The model failed.","type":"server_error","param":null,"code":"server_error"}}'),
  'demo-leak': exchange => sendProblem(exchange,
    namedProblem(401, 'Unauthorized', `Incorrect API key provided: ${exchange.request.headers.authorization}.`, occasionOf(exchange))),
  'demo-204': exchange => { exchange.response.writeHead(204, commonHeaders(exchange)).end() },
  'demo-redirect': exchange => send(exchange, 307, 'text/plain', 'Moved', { location: '/demo/redirected' })
}

/** Where the magic does not always take its place. */
const occasions: Partial<Record<MagicName, (exchange: Exchange, number: number) => boolean>> = {
  'demo-reset-reused': exchange => exchange.reused,
  'demo-flaky': (exchange, failures) => nextTurn(exchange) % (failures + 1) !== 0,
  'demo-failed': exchange => exchange.path !== '/responses',
  'demo-error-in-stream': exchange => exchange.body.stream !== true
}

const documentedMessages: Readonly<Record<number, string>> = {
  404: 'Not found',
  429: 'Too Many Requests',
  500: 'Something wrong with the server. Please, try again later.',
  503: 'Service unavailable'
}

/** Lets the magic answer in its own way, where it has one. False when an ordinary answer is still due. */
export function answeredByMagic (exchange: Exchange): boolean {
  const { magic } = exchange
  const act = magic === null ? undefined : instead[magic.name]
  if (magic === null || act === undefined || occasions[magic.name]?.(exchange, magic.number) === false) return false
  act(exchange, magic.number)
  return true
}

/** The answer to a missing or wrong key. */
export function unauthorized (exchange: Exchange): ReturnType<typeof namedProblem> {
  return namedProblem(401, 'Unauthorized', 'This request requires a valid API key.', occasionOf(exchange))
}

function fail (exchange: Exchange, status: number, message = documentedMessages[status] ?? `Status ${status}`): void {
  sendProblem(exchange, documentedProblem(status, message, occasionOf(exchange)))
}

function tooMany (exchange: Exchange, headers: Readonly<Record<string, string>>): void {
  sendProblem(exchange, documentedProblem(429, 'Too Many Requests', occasionOf(exchange)), headers)
}

function reset (exchange: Exchange): void {
  exchange.record.ending = 'cut'
  exchange.response.socket?.resetAndDestroy()
}
