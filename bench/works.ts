import { eventsPerStream } from './stand/answers.ts'
import { modelOf } from './stand/gateway.ts'
import type { Behaviour } from './stand/nginx.ts'

/** CPU time as a multiple of what nginx needs to pass the same bytes on, in the same minute. */
export interface Aims {
  readonly sqlite: number
  readonly redis: number
  readonly stretch: number
}

/** One kind of request, sent again and again. */
export interface Work {
  readonly name: string
  /** How the provider behaves. */
  readonly behaviour: Behaviour
  /** Below `/v1`. */
  readonly path: string
  readonly body: string
  /** Whose key is sent. */
  readonly caller: 'known' | 'tight' | 'unknown'
  /** What a gateway must answer, or else the work is not what its name says. */
  readonly expected: { readonly status: number, readonly cache?: 'hit' | 'miss' }
  /** What the cost is divided by: requests, or the events that the provider sent. */
  readonly unit: 'request' | 'event'
  readonly aims: Aims | null
}

const prompt = 'Summarise in one sentence what a gateway in front of language models is for, and say why its cost must be small.'

function chatBody (behaviour: Behaviour, extra: object, content = prompt): string {
  return JSON.stringify({
    model: modelOf[behaviour],
    messages: [{ role: 'system', content: 'You are a helpful assistant.' }, { role: 'user', content }],
    temperature: 0.7,
    ...extra
  })
}

const json: Work = {
  name: 'JSON, 0.3 KB in, 0.6 KB out',
  behaviour: 'json',
  path: '/chat/completions',
  body: chatBody('json', { max_completion_tokens: 500 }),
  caller: 'known',
  expected: { status: 200 },
  unit: 'request',
  aims: { sqlite: 4, redis: 4.5, stretch: 3.5 }
}

const stream: Work = { ...json, name: '', unit: 'event' }

export const jsonWork = json

/** Stands in a body where every request has another number. */
export const freshSeed = 4_711_000_000_000_000

export const jsonHit: Work = {
  ...json,
  name: 'reproducible hit, JSON',
  body: chatBody('json', { max_completion_tokens: 500, seed: 7 }),
  expected: { status: 200, cache: 'hit' },
  aims: { sqlite: 2, redis: 2.3, stretch: 1.5 }
}

export const jsonMiss: Work = {
  ...json,
  name: 'reproducible miss, JSON',
  body: chatBody('json', { max_completion_tokens: 500, seed: freshSeed }),
  expected: { status: 200, cache: 'miss' },
  aims: null
}

export const streamHit: Work = { ...jsonHit, name: 'reproducible hit, stream', behaviour: 'burst', body: chatBody('burst', { stream: true, seed: 7 }), aims: null }
export const streamMiss: Work = { ...jsonMiss, name: 'reproducible miss, stream', behaviour: 'burst', body: chatBody('burst', { stream: true, seed: freshSeed }), aims: null }

export const works: readonly Work[] = [
  json,
  { ...json, name: 'JSON, 50 KB in', body: chatBody('json', { max_completion_tokens: 500 }, `${prompt}\n`.repeat(440)), aims: { sqlite: 3, redis: 3.5, stretch: 2 } },
  {
    ...stream,
    name: 'stream, paced, an event',
    behaviour: 'paced',
    body: chatBody('paced', { stream: true }),
    aims: { sqlite: 2.5, redis: 2.5, stretch: 1.7 }
  },
  {
    ...json,
    name: `stream, burst of ${eventsPerStream} events`,
    behaviour: 'burst',
    body: chatBody('burst', { stream: true }),
    aims: { sqlite: 3.5, redis: 4, stretch: 2.5 }
  },
  jsonHit, jsonMiss, streamHit, streamMiss,
  {
    ...json,
    name: 'embeddings, 3 KB out',
    path: '/embeddings',
    body: JSON.stringify({ model: 'text-embedding-3-small', input: prompt, encoding_format: 'base64', dimensions: 576 }),
    aims: null
  },
  { ...json, name: 'denied: over the limit (429)', caller: 'tight', expected: { status: 429 }, aims: null },
  { ...json, name: 'refused: unknown key (401)', caller: 'unknown', expected: { status: 401 }, aims: null }
]

/** A stream that says when each of its events was sent. */
export const stampedWork: Work = { ...stream, name: 'stream, one at a time', behaviour: 'stamped', body: chatBody('stamped', { stream: true }) }

/** A stream that mostly waits. */
export const waitingWork: Work = { ...stream, name: 'stream that waits', behaviour: 'waiting', body: chatBody('waiting', { stream: true }) }
