/** Arbitrary damage to bytes and to JSON, as a list of small steps that fast-check can shrink. */
import fc from 'fast-check'

interface Damage {
  readonly kind: 'insert' | 'replace' | 'delete' | 'repeat'
  /** Where, as a share of the length. */
  readonly at: number
  /** How many pieces are replaced, deleted or repeated. */
  readonly length: number
  readonly piece: string
}

/** What parsers stumble over, in latin1. */
const nastyBytes = [
  '\r\n', '\n', '\r', '\r\n\r\n', '\0', ' ', '\t', ':', ',', ';', '\\', '#', '%', '%zz', '%00', '..%2f', '//', '\x7f', '\xff', '\xc3\x28', '0', '-1', 'ffffffff', '0\r\n\r\n', '5\r\n',
  'content-length: 5\r\n', 'content-length: 0\r\n', 'transfer-encoding: chunked\r\n', 'connection: close\r\n', 'connection: upgrade\r\nupgrade: websocket\r\n', 'expect: 100-continue\r\n', 'expect: x\r\n',
  'host: x\r\n', 'authorization: Bearer x\r\n', 'content-encoding: gzip\r\n', 'content-type: text/plain\r\n', 'GET / HTTP/1.1\r\n\r\n', 'CONNECT x:1 HTTP/1.1\r\n\r\n', 'HTTP/1.0', 'a'.repeat(20_000), 'x: y\r\n'.repeat(1_000)
]

/** Tokens of JSON, and of what only looks like it. */
const nastyTokens = [
  '{', '}', '[', ']', ',', ':', 'null', 'true', 'false', '""', '0', '-0', '1.0', '1e3', '1e400', '-1', '1.5', '9007199254740993', '9223372036854775808', 'NaN', 'Infinity', "'a'", '01', '.5', '/**/', '\u0000',
  '"\\ud800"', '"\\u0000"', '"\\x"', '"\n"', '"model"', '"messages"', '"stream"', '"n"', '"seed"', '"max_tokens"', '"stream_options"', '"include_usage"', '"__proto__"', '"constructor"', '"\u2028"', '"\\"', '"',
  '['.repeat(300), `${'{"a":'.repeat(300)}1`, `"${'a'.repeat(10_000)}"`, '\ufeff', '\u00e9', ' '.repeat(1_000)
]

function damages (pieces: readonly string[]): fc.Arbitrary<Damage[]> {
  const damage = fc.record({
    kind: fc.constantFrom('insert', 'replace', 'delete', 'repeat'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.constant(1), fc.nat(20)),
    piece: fc.constantFrom(...pieces)
  })
  return fc.array(damage, { minLength: 1, maxLength: 3 })
}

function inflict (pieces: readonly string[], damages: readonly Damage[]): string[] {
  const damaged = [...pieces]
  for (const { kind, at, length, piece } of damages) {
    const start = Math.floor(at * damaged.length)
    const range = damaged.slice(start, start + length)
    if (kind === 'insert') damaged.splice(start, 0, piece)
    else if (kind === 'replace') damaged.splice(start, length, piece)
    else if (kind === 'delete') damaged.splice(start, length)
    else damaged.splice(start, 0, ...range)
  }
  return damaged
}

/** Requests made of these by changing bytes, or by going on with the bytes of another. */
export function damagedBytes (corpus: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const whole = fc.constantFrom(...corpus).map(bytes => bytes.toString('latin1'))
  const crossed = fc.tuple(whole, whole, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([one, other, at]) => one.slice(0, Math.floor(at * one.length)) + other.slice(Math.floor(at * other.length)))
  return fc.tuple(fc.oneof(whole, crossed), damages(nastyBytes)).map(([text, steps]) => Buffer.from(inflict([...text], steps).join(''), 'latin1'))
}

/** Bodies made of these by changing tokens: most are still nearly JSON. */
export function damagedJson (corpus: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...corpus), damages(nastyTokens)).map(([text, steps]) => inflict(tokensOf(text), steps).join(''))
}

function tokensOf (json: string): string[] {
  return json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+|\s+/g) ?? []
}
