/**
 * The magic models: names by which a test asks the demo upstream for one behaviour or fault.
 *
 * A name may end in a number (`demo-cut-3`) where the entry has a default for it. Unless the table says otherwise,
 * each works for chat completions, responses and embeddings, as JSON and as a stream.
 * Any other name that begins with `demo-` is answered with 404, so that a misspelt one is found.
 */

interface MagicModel {
  /** What the number at the end of the name means when it is left out; null when the name takes none. */
  readonly number: number | null
  /** What happens. N is the number. */
  readonly does: string
}

export const magicModels = {
  // What is answered
  'demo-words': { number: 100, does: 'answers exactly N words, at most 100,000' },
  'demo-big': { number: 1_024, does: 'answers N KiB of text, at most 16,384' },
  'demo-length': { number: null, does: 'stops half way, finish reason length' },
  'demo-filter': { number: null, does: 'stops half way, finish reason content_filter' },
  'demo-refusal': { number: null, does: 'answers with a refusal' },
  'demo-failed': { number: null, does: 'responses end as failed; chat and embeddings answer 500' },

  // What is said about it
  'demo-201': { number: null, does: 'succeeds with status 201' },
  'demo-other-model': { number: null, does: 'answers under the model name demo-somewhere-else' },
  'demo-fallback': { number: null, does: 'answers every second request under the model name demo' },
  'demo-usage-on-finish': { number: null, does: 'streams chat as AIMLAPI streams Claude: usage on the first of two finish chunks, empty ids' },
  'demo-no-usage': { number: null, does: 'leaves out the usage, also when asked for it' },
  'demo-cached': { number: 50, does: 'reports N per cent of the input tokens as cached' },
  'demo-aimlapi-cost': { number: null, does: 'names its price: header x-aimlapi-usd-spent (JSON), meta.usage (JSON and last chunk)' },
  'demo-cookies': { number: null, does: 'adds headers that must not reach a caller: set-cookie, server, x-ratelimit-*, openai-organization' },
  'demo-big-headers': { number: 32, does: 'adds N KiB of response headers, at most 1,024' },
  'demo-early-hints': { number: null, does: 'sends 103 before the answer' },
  'demo-gzip': { number: null, does: 'compresses the answer, wanted or not' },

  // How it is delivered
  'demo-slow': { number: 100, does: 'waits N ms after each word (JSON: N ms a word before the answer)' },
  'demo-slow-start': { number: 2_000, does: 'sends nothing for N ms' },
  'demo-silent': { number: null, does: 'sends headers, then nothing' },
  'demo-stall': { number: 3, does: 'goes silent after N events (JSON: half way)' },
  'demo-cut': { number: 3, does: 'destroys the socket after N events (JSON: half way)' },
  'demo-rst': { number: 3, does: 'resets the connection after N events (JSON: half way)' },
  'demo-cut-clean': { number: 3, does: 'ends the stream properly after N events: no finish, no [DONE] (JSON: half the body)' },
  'demo-truncated': { number: null, does: 'sends half of the answer, delimited by the end of the connection' },
  'demo-error-in-stream': { number: 3, does: 'reports an error after N events (JSON: 500)' },
  'demo-garbage': { number: null, does: 'sends two events, then one of broken JSON (JSON: text that is none)' },
  'demo-infinite': { number: null, does: 'never stops, as fast as it is read' },
  'demo-no-done': { number: null, does: 'leaves out [DONE]' },
  'demo-done': { number: null, does: 'ends a responses stream with [DONE], too' },
  'demo-comments': { number: null, does: 'puts SSE comments before and between the events' },
  'demo-crlf': { number: null, does: 'ends lines of the stream with CR LF' },
  'demo-bytes': { number: null, does: 'writes one byte at a time' },

  // What happens instead
  'demo-hang': { number: null, does: 'never answers' },
  'demo-reset': { number: null, does: 'resets the connection before any header' },
  'demo-reset-reused': { number: null, does: 'resets the connection unless this is its first request' },
  'demo-flaky': { number: 1, does: 'answers 503 N times, then once properly, and again' },
  'demo-status': { number: 418, does: 'answers with status N and a documented error body' },
  'demo-400-validation': { number: null, does: 'answers 400 with a tree of validation errors' },
  'demo-401': { number: null, does: 'answers 401 as problem+json' },
  'demo-403-credits': { number: null, does: 'answers 403: out of credits' },
  'demo-404': { number: null, does: 'answers 404: withdrawn model' },
  'demo-429': { number: 7, does: 'answers 429 with retry-after: N seconds' },
  'demo-429-ms': { number: 1_500, does: 'answers 429 with retry-after-ms: N' },
  'demo-429-date': { number: 30, does: 'answers 429 with retry-after as a date N seconds ahead' },
  'demo-429-bare': { number: null, does: 'answers 429 without any advice' },
  'demo-500': { number: null, does: 'answers 500' },
  'demo-500-wrapped': { number: null, does: 'answers 500 with the 400 of another provider in the message' },
  'demo-503': { number: null, does: 'answers 503' },
  'demo-html': { number: null, does: 'answers 502 with a page of HTML' },
  'demo-error-200': { number: null, does: 'answers 200 with an error body' },
  'demo-leak': { number: null, does: 'answers 401 and repeats the key in the message' },
  'demo-204': { number: null, does: 'answers 204' },
  'demo-redirect': { number: null, does: 'answers 307 to /demo/redirected' }
} as const satisfies Record<string, MagicModel>

export type MagicName = keyof typeof magicModels

export interface Magic {
  readonly name: MagicName
  /** The number at the end of the name, or the default; 0 where it has no meaning. */
  readonly number: number
}

/** Reads a model name: its magic, null for an ordinary model, `unknown` for a `demo-…` that is not in the table. */
export function magicOf (model: string): Magic | null | 'unknown' {
  if (!model.startsWith('demo-')) return null
  if (isMagicName(model)) return { name: model, number: magicModels[model].number ?? 0 }
  const [, name, number] = /^(.+)-(\d{1,9})$/.exec(model) ?? []
  if (name === undefined || !isMagicName(name) || magicModels[name].number === null) return 'unknown'
  return { name, number: Number(number) }
}

function isMagicName (name: string): name is MagicName {
  return Object.hasOwn(magicModels, name)
}
