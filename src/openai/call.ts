import { GatewayError } from './errors.ts'
import { booleanOf, given, integerOf, objectOf, spelling, stringOf } from './members.ts'
import { parameterFault } from './parameter-fault.ts'
import { scan } from './scan.ts'
import type { Member, ScanBounds, ScannedObject } from './scan.ts'

/** The routes that carry a model and are metered. */
export type Endpoint = 'chat.completions' | 'responses' | 'embeddings'

/** The facts that the gateway needs of an inference request. Everything else in the body is the caller's and the upstream's. */
export interface Call {
  readonly endpoint: Endpoint
  /** The bytes as they came. They are forwarded, never re-serialised. */
  readonly body: Buffer
  readonly scanned: ScannedObject
  readonly model: string
  readonly stream: boolean
  /** The caller asked for the usage chunk itself (`stream_options.include_usage: true`). */
  readonly includeUsage: boolean
  /** The answer says that the response has begun; what it uses is known when somebody asks for it (`background: true`). */
  readonly background: boolean
  /** The digits of an integer `seed`, or null: int64 does not fit a JS number. One spelling for each value: `1e3` is `1000`. */
  readonly seed: string | null
  /** `max_completion_tokens`, `max_tokens` or `max_output_tokens`, the largest of those given; null when the caller sets no cap. */
  readonly maxOutputTokens: number | null
  /** `n`, 1 when absent. */
  readonly choices: number
}

/** Longer names are no model's. */
const MAX_MODEL_CHARACTERS = 256
/** OpenAI's own limit of `n`. */
const MAX_CHOICES = 128
/** No model writes as much; times 128 choices it is still an exact number. */
const MAX_TOKENS = 2 ** 31 - 1
/** Characters: `1e309`. */
const SHORTEST_INFINITY = 5
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

/** The parameters that cap the output, by endpoint. An upstream may obey any of them, so the largest one counts. */
const outputCaps: Record<Endpoint, readonly string[]> = {
  'chat.completions': ['max_completion_tokens', 'max_tokens'],
  responses: ['max_output_tokens'],
  embeddings: []
}

/**
 * Reads an inference request. Checks only what the gateway itself relies on; the rest is the upstream's to judge.
 * Throws what `scan` throws, and `missing_required_parameter`, `invalid_type` or `invalid_value` with the parameter's name.
 */
export function readCall (endpoint: Endpoint, body: Buffer, bounds: ScanBounds): Call {
  const scanned = scan(body, bounds)
  refuseInfinities(scanned)
  requireInput(endpoint, scanned)
  const chat = endpoint === 'chat.completions'
  const streamOptions = objectOf(scanned, 'stream_options')
  return {
    endpoint,
    body,
    scanned,
    model: readModel(scanned),
    stream: booleanOf(scanned, 'stream') === true && endpoint !== 'embeddings',
    includeUsage: chat && streamOptions !== null && booleanOf(streamOptions, 'include_usage') === true,
    background: endpoint === 'responses' && booleanOf(scanned, 'background') === true,
    seed: chat ? readSeed(scanned) : null,
    maxOutputTokens: readOutputCap(endpoint, scanned),
    choices: (chat ? readCount(scanned, 'n', MAX_CHOICES) : null) ?? 1
  }
}

/** `1e400` becomes Infinity or null in most parsers, and each of them would ask the upstream for something else. */
function refuseInfinities (scanned: ScannedObject): void {
  for (const member of scanned.members.values()) {
    if (member.kind === 'number' && member.end - member.start >= SHORTEST_INFINITY && !Number.isFinite(Number(spelling(scanned, member)))) throw parameterFault('invalid_value', member.key, 'must be a finite number')
  }
}

function requireInput (endpoint: Endpoint, scanned: ScannedObject): void {
  if (endpoint === 'chat.completions') requireMessages(scanned)
  if (endpoint === 'embeddings') required(scanned, 'input')
}

function requireMessages (scanned: ScannedObject): void {
  const messages = required(scanned, 'messages')
  if (messages.kind !== 'array') throw parameterFault('invalid_type', 'messages', 'must be an array')
  const isEmpty = scanned.text.slice(messages.start + 1, messages.end - 1).trimStart() === ''
  if (isEmpty) throw parameterFault('invalid_value', 'messages', 'must be an array of at least one message')
}

function required (scanned: ScannedObject, key: string): Member {
  const member = given(scanned, key)
  if (member === undefined) throw parameterFault('missing_required_parameter', key, 'is required')
  return member
}

function readModel (scanned: ScannedObject): string {
  required(scanned, 'model')
  const model = stringOf(scanned, 'model') ?? ''
  if (model === '' || model.length > MAX_MODEL_CHARACTERS) throw parameterFault('invalid_value', 'model', `must be a name of 1 to ${MAX_MODEL_CHARACTERS} characters`)
  if (/\p{Cc}/u.test(model) || !model.isWellFormed()) throw new GatewayError('model_not_found', { param: 'model' })
  return model
}

function readSeed (scanned: ScannedObject): string | null {
  const digits = integerOf(scanned, 'seed')
  if (digits === null || digits.length <= 15) return digits
  const seed = BigInt(digits)
  if (seed < INT64.min || seed > INT64.max) throw parameterFault('invalid_value', 'seed', 'must be a 64-bit integer')
  return digits
}

function readOutputCap (endpoint: Endpoint, scanned: ScannedObject): number | null {
  let cap: number | null = null
  for (const key of outputCaps[endpoint]) {
    const value = readCount(scanned, key, MAX_TOKENS)
    if (value !== null) cap = Math.max(cap ?? 0, value)
  }
  return cap
}

function readCount (scanned: ScannedObject, key: string, max: number): number | null {
  const digits = integerOf(scanned, key)
  if (digits === null) return null
  const count = Number(digits)
  if (count < 1 || count > max) throw parameterFault('invalid_value', key, `must be an integer from 1 to ${max}`)
  return count
}
