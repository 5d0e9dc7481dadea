import { usdOf } from '../metering/money.ts'

interface LedgerRow {
  /** ms */
  readonly at: number
  readonly kind: string
  readonly status: string
  readonly source: string
  readonly key: string
  readonly model: string
  readonly endpoint: string
  readonly tokens: {
    readonly inputTokens: number
    readonly cachedInputTokens: number
    readonly outputTokens: number
    readonly reasoningTokens: number
  }
  readonly cost_nano_usd: number | null
  readonly price: string | null
}

interface OpenRequest {
  readonly model: string
  readonly reserved_tokens: number
  readonly reserved_nano_usd: number
}

interface SeenRequest {
  readonly at: number
  readonly status: number
  readonly error?: string
  readonly limit?: string
  readonly limit_model?: string
  readonly limit_max?: number
  readonly limit_used?: number
  readonly limit_reset_ms?: number
  readonly upstream?: string
  readonly upstream_model?: string
  readonly attempts?: number
  readonly cache?: string
  readonly total_ms: number
  readonly upstream_ms?: number
  readonly first_byte_ms?: number
  readonly first_token_ms?: number
  readonly overhead_ms?: number
}

export interface ExplainedRequest {
  readonly id: string
  readonly project: string | null
  readonly rows: readonly LedgerRow[]
  readonly open: OpenRequest | null
  readonly seen: SeenRequest | null
}

type Line = readonly [label: string, text: string]

/** A request for people: one line a fact. */
export function explanation ({ id, project, rows, open, seen }: ExplainedRequest): string {
  const lines = [
    ['request', id],
    ['project', project ?? 'not known'],
    ...(seen?.limit === undefined ? [] : refusalLines(seen)),
    ...(open === null ? [] : [openLine(open)]),
    ...rows.flatMap(rowLines),
    ...(seen === null ? [] : seenLines(seen))
  ] satisfies Line[]
  return lines.map(([label, text]) => `${label.padEnd(9)} ${text}\n`).join('')
}

function refusalLines (seen: SeenRequest): Line[] {
  const { limit = '', limit_model: model = '*', limit_max: max = 0, limit_used: used = 0 } = seen
  const [scope, metric = ''] = limit.split(' ')
  const amount = (value: number): string => metric === 'spend_per_month' ? dollars(value) : String(Math.round(value))
  return [
    ['refused', `by the ${scope}'s limit ${metric} of ${amount(max)} for ${model === '*' ? 'all models' : model}`],
    ['in use', `${amount(used)} when it came`],
    ['reset', resetOf(seen)]
  ]
}

function resetOf ({ at, error, limit_reset_ms: resetMs = 0 }: SeenRequest): string {
  if (error === 'request_exceeds_limit') return 'does not help: this request alone is larger than the limit'
  return resetMs === 0 ? 'when another request ends' : time(at + resetMs)
}

function openLine ({ model, reserved_tokens: tokens, reserved_nano_usd: cost }: OpenRequest): Line {
  return ['open', `${model} is still answering; reserved are ${tokens} tokens and ${dollars(cost)}`]
}

function rowLines ({ at, kind, status, source, key, model, endpoint, tokens, cost_nano_usd: cost, price }: LedgerRow): Line[] {
  const { inputTokens: input, cachedInputTokens: cached, outputTokens: output, reasoningTokens: reasoning } = tokens
  return [
    [kind, `${status} at ${time(at)}, ${endpoint} of ${model}, key ${key}`],
    ['tokens', `${input} in (${cached} cached), ${output} out (${reasoning} reasoning), ${sources[source] ?? source}`],
    ['cost', cost === null ? 'not known: the model has no price' : `${dollars(cost)}${priceNote(price)}`]
  ]
}

const sources: Readonly<Record<string, string>> = {
  provider: 'as the provider says',
  estimated: 'estimated',
  partial: 'as far as the answer had come'
}

function priceNote (price: string | null): string {
  if (price === null) return ''
  return price === 'provider' ? ', as the provider says' : `, by the price from ${price}`
}

function seenLines (seen: SeenRequest): Line[] {
  const { status, error, upstream, upstream_model: model, attempts = 1, cache } = seen
  return [
    ['answer', `${status}${error === undefined ? '' : ` ${error}`}`],
    ...(upstream === undefined ? [] : [['upstream', `${upstream}${model === undefined ? '' : `, as ${model}`}${attempts > 1 ? `, ${attempts} attempts` : ''}`] as const]),
    ...(cache === undefined ? [] : [['cache', cache] as const]),
    ['took', durations(seen).map(([name, ms]) => `${ms} ms ${name}`).join(', ')]
  ]
}

function durations (seen: SeenRequest): [name: string, ms: number][] {
  const { total_ms: total, upstream_ms: upstream, first_byte_ms: firstByte, first_token_ms: firstToken, overhead_ms: overhead } = seen
  const known: [name: string, ms: number | undefined][] = [['in all', total], ['upstream', upstream], ['to the first byte', firstByte], ['to the first token', firstToken], ['of the gateway', overhead]]
  return known.flatMap(([name, ms]) => ms === undefined ? [] : [[name, ms]])
}

function dollars (nanoUsd: number): string {
  return `$${usdOf(nanoUsd).toFixed(9).replace(/(\.\d\d\d*?)0+$/, '$1')}`
}

function time (ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
