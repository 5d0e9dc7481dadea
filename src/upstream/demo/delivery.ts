import type { OutgoingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Magic, MagicName } from './magic.ts'

/** A piece of an answer on its way out: an event of a stream, or some of a JSON body. */
export interface Part {
  readonly data: string | Buffer
  /** Bytes of generated text in it. */
  readonly output: number
}

/** How an answer goes out. */
export interface Delivery {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly earlyHints: boolean
  readonly gzip: boolean
  /** Milliseconds before the headers. */
  readonly startAfterMs: number
  /** Milliseconds after each part with generated text; null for the upstream's own. */
  readonly wordMs: number | null
  /** What becomes of the parts; null when they are sent as they are. */
  readonly reshapeStream: Reshape | null
  readonly reshapeJson: ((parts: Iterable<Part>) => Iterable<Part>) | null
  /**
   * What comes after the last part. `end`: a proper end. `early`: the same, but the answer was not whole.
   * `close`: the connection's end is the body's. `destroy`, `reset`: FIN or RST within the body. `hang`: nothing.
   */
  readonly ending: 'end' | 'early' | 'close' | 'destroy' | 'reset' | 'hang'
}

/** `failure` makes the event by which this endpoint reports an error, after so many others. */
type Reshape = (parts: Iterable<Part>, failure: (after: number) => Part) => Iterable<Part>

const plain: Delivery = {
  status: 200,
  headers: {},
  earlyHints: false,
  gzip: false,
  startAfterMs: 0,
  wordMs: null,
  reshapeStream: null,
  reshapeJson: null,
  ending: 'end'
}

export const doneEvent = 'data: [DONE]\n\n'

/** Events and JSON fail alike: after `count` events, or half way through the body. */
const brokenOff = (count: number, ending: Delivery['ending']): Partial<Delivery> =>
  ({ reshapeStream: first(count), reshapeJson: half, ending })

/** What each magic changes about a plain delivery. */
const deliveries: Partial<Record<MagicName, (number: number) => Partial<Delivery>>> = {
  'demo-201': () => ({ status: 201 }),
  'demo-cookies': () => ({ headers: privateHeaders }),
  'demo-big-headers': kibibytes => ({ headers: { 'x-demo-filler': 'x'.repeat(Math.min(kibibytes, 1_024) * 1024) } }),
  'demo-early-hints': () => ({ earlyHints: true }),
  'demo-gzip': () => ({ gzip: true, headers: { 'content-encoding': 'gzip' } }),
  'demo-slow': ms => ({ wordMs: ms }),
  'demo-slow-start': ms => ({ startAfterMs: ms }),
  'demo-silent': () => ({ reshapeStream: () => [], reshapeJson: () => [], ending: 'hang' }),
  'demo-stall': count => brokenOff(count, 'hang'),
  'demo-cut': count => brokenOff(count, 'destroy'),
  'demo-rst': count => brokenOff(count, 'reset'),
  'demo-cut-clean': count => brokenOff(count, 'early'),
  'demo-truncated': () => ({ reshapeStream: half, reshapeJson: half, ending: 'close' }),
  'demo-error-in-stream': count => ({ reshapeStream: failedAfter(count), ending: 'early' }),
  'demo-garbage': () => ({ reshapeStream: garbledAfter(2), reshapeJson: notJson, ending: 'early' }),
  'demo-infinite': () => ({ reshapeStream: endless, reshapeJson: endlessJson, wordMs: 0 }),
  'demo-no-done': () => ({ reshapeStream: withoutDone }),
  'demo-done': () => ({ reshapeStream: withDone }),
  'demo-comments': () => ({ reshapeStream: withComments }),
  'demo-crlf': () => ({ reshapeStream: withCrLf }),
  'demo-bytes': () => ({ reshapeStream: byteByByte, reshapeJson: byteByByte })
}

/** How the magic wants an answer to go out. */
export function deliveryOf (magic: Magic | null): Delivery {
  const special = magic === null ? undefined : deliveries[magic.name]
  return magic === null || special === undefined ? plain : { ...plain, ...special(magic.number) }
}

/** What a provider says to its own customer, and no customer's customer should hear. */
const privateHeaders: OutgoingHttpHeaders = {
  'set-cookie': ['__cf_bm=demo; path=/; HttpOnly', '_cfuvid=demo; path=/; Secure'],
  server: 'cloudflare',
  'cf-ray': '0000000000000000-DEM',
  'alt-svc': 'h3=":443"; ma=86400',
  'x-powered-by': 'demo',
  'openai-organization': 'org-demo',
  'openai-processing-ms': '12',
  'x-ratelimit-limit-requests': '60',
  'x-ratelimit-limit-tokens': '150000',
  'x-ratelimit-remaining-requests': '59',
  'x-ratelimit-remaining-tokens': '149984',
  'x-ratelimit-reset-requests': '1s',
  'x-ratelimit-reset-tokens': '6m0s'
}

function first (count: number): Reshape {
  return function * (parts) {
    let sent = 0
    if (count === 0) return
    for (const part of parts) {
      yield part
      if (++sent === count) return
    }
  }
}

function * half (parts: Iterable<Part>): Iterable<Part> {
  const whole = joined(parts)
  yield { data: whole.data.subarray(0, whole.data.length >> 1), output: whole.output >> 1 }
}

function failedAfter (count: number): Reshape {
  return function * (parts, failure) {
    yield * first(count)(parts, failure)
    yield failure(count)
  }
}

function garbledAfter (count: number): Reshape {
  return function * (parts, failure) {
    yield * first(count)(parts, failure)
    yield { data: 'data: {"id":"broken","choices":[{"delta":{"content":"\n\n', output: 0 }
  }
}

function * notJson (): Iterable<Part> {
  yield { data: 'This is not JSON.', output: 0 }
}

/** Repeats the first part with text for ever. */
function * endless (parts: Iterable<Part>): Iterable<Part> {
  for (const part of parts) {
    do yield part
    while (part.output > 0)
  }
}

function * endlessJson (): Iterable<Part> {
  const text = 'more '.repeat(200)
  yield { data: '{"choices":[{"message":{"content":"', output: 0 }
  while (true) yield { data: text, output: text.length }
}

function * withoutDone (parts: Iterable<Part>): Iterable<Part> {
  for (const part of parts) if (part.data !== doneEvent) yield part
}

function * withDone (parts: Iterable<Part>): Iterable<Part> {
  yield * withoutDone(parts)
  yield { data: doneEvent, output: 0 }
}

function * withComments (parts: Iterable<Part>): Iterable<Part> {
  for (const part of parts) yield { ...part, data: `: PROCESSING\n\n${part.data}` }
}

function * withCrLf (parts: Iterable<Part>): Iterable<Part> {
  for (const part of parts) yield { ...part, data: part.data.toString().replaceAll('\n', '\r\n') }
}

function * byteByByte (parts: Iterable<Part>): Iterable<Part> {
  for (const { data, output } of parts) {
    const bytes = Buffer.from(data)
    for (let i = 0; i < bytes.length; i++) yield { data: bytes.subarray(i, i + 1), output: i === 0 ? output : 0 }
  }
}

/** Parts as one part, compressed. */
export function gzipped (parts: Iterable<Part>): Part {
  const whole = joined(parts)
  return { data: gzipSync(whole.data), output: whole.output }
}

/** Parts as one part. */
export function joined (parts: Iterable<Part>): { readonly data: Buffer, readonly output: number } {
  let text = ''
  let output = 0
  for (const part of parts) {
    text += part.data.toString()
    output += part.output
  }
  return { data: Buffer.from(text), output }
}
