import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { Recorder, type RecordedRequest } from './demo/recorder.ts'
import { ResponseStore } from './demo/response-store.ts'
import { demoServer } from './demo/server.ts'

/**
 * The demo upstream: an OpenAI-compatible provider without a model, a network or a bill.
 *
 * It serves people who try the gateway before they have a key, and it is the provider of the tests.
 * - Answers depend on the request alone (model, seed, texts); ids and times differ from call to call.
 * - One token is four bytes of UTF-8 (`demoTokens`). Input counts as `demoTokens` of all texts joined by newlines: the contents
 *   (and tool-call arguments) of the messages in their order, or instructions, earlier conversation and input of a response.
 *   Tools, schemas, names and roles are free. Output counts text, arguments and reasoning, each rounded up by itself.
 * - It streams as OpenAI does, but lists models and reports errors as AIMLAPI does.
 * - It calls a tool when it is made to, or when the last user message mentions one.
 * - Model names that begin with `demo-` ask for faults and oddities: `magicModels` is the table. Any other name is served.
 * - It remembers what it was asked and how that ended: `requests`, `recorder`, and `GET` and `DELETE /demo/requests`.
 */
export interface DemoUpstream {
  /** The base URL for clients: `http://127.0.0.1:PORT/v1`. */
  readonly url: string
  /** What it was asked so far, oldest first, up to a bound. */
  readonly requests: readonly RecordedRequest[]
  /** The same with events, sums and a way to wait for a request's end. */
  readonly recorder: Recorder
  /** Stops listening and cuts what is still open. */
  close (): Promise<void>
}

export interface DemoOptions {
  readonly host?: string
  /** 0, the default, for any free one. */
  readonly port?: number
  /** The bearer key that callers must send; without it, any or none will do. */
  readonly key?: string
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Milliseconds between two words of an answer; 15 unless told otherwise. */
  readonly wordDelayMs?: number
  /** How many requests to remember; 1,000 unless told otherwise. */
  readonly remember?: number
}

const maxResponses = 1_000

/** Starts a demo upstream. Rejects when it can't listen. */
export async function startDemoUpstream (options: DemoOptions = {}): Promise<DemoUpstream> {
  const { host = '127.0.0.1', port = 0, key = null, now = Date.now, wordDelayMs = 15, remember = 1_000 } = options
  const recorder = new Recorder(remember)
  const responses = new ResponseStore(maxResponses)
  const server = demoServer({ now, wordDelayMs, key, recorder, responses, turns: new Map(), nextId: idsOf(randomBytes(8)) })
  await listening(server, port, host)
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${portOf(server)}/v1`,
    get requests () { return recorder.requests },
    recorder,
    close: () => closed(server)
  }
}

/** Ids that are unique in the world by their first half, and in the process by their second. */
function idsOf (instance: Buffer): () => string {
  const prefix = instance.toString('hex')
  let count = 0
  return () => prefix + (++count).toString(16).padStart(8, '0')
}

function listening (server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Each worker of a gateway has its own: one that dies takes no other's answers along.
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function portOf (server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function closed (server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

export { demoTokens } from './demo/text.ts'
export { magicModels, type MagicName } from './demo/magic.ts'
export type { Ending, RecordedRequest, Recorder, Totals } from './demo/recorder.ts'
