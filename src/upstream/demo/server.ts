import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { chatCompletions } from './chat.ts'
import { embeddings } from './embeddings.ts'
import { guarded, occasionOf, sendProblem, type Demo, type Exchange, type Handler } from './exchange.ts'
import { answeredByMagic, unauthorized } from './instead.ts'
import { isObject, type JsonObject } from './json.ts'
import { magicOf } from './magic.ts'
import { getModel, listModels } from './models.ts'
import { documentedProblem, validationProblem } from './problems.ts'
import type { Recorder } from './recorder.ts'
import {
  cancelResponse, compactResponse, countInputTokens, createResponse, deleteResponse, getResponse, listInputItems
} from './responses.ts'

/** Bytes of one request body. */
const maxBodyBytes = 64 * 1024 * 1024

/** Routes that need a model, and on which magic works. */
const inference: Readonly<Record<string, Handler>> = {
  'POST /chat/completions': chatCompletions,
  'POST /responses': createResponse,
  'POST /responses/compact': compactResponse,
  'POST /embeddings': embeddings
}

const others: ReadonlyArray<readonly [pattern: RegExp, handler: Handler]> = [
  [/^GET \/models$/, listModels],
  [/^GET \/models\/.+$/, getModel],
  [/^POST \/responses\/input_tokens$/, countInputTokens],
  [/^GET \/responses\/[^/]+$/, getResponse],
  [/^DELETE \/responses\/[^/]+$/, deleteResponse],
  [/^POST \/responses\/[^/]+\/cancel$/, cancelResponse],
  [/^GET \/responses\/[^/]+\/input_items$/, listInputItems]
]

/**
 * The HTTP server of a demo upstream, not yet listening. A request goes from here to its magic (`instead.ts`) or, without
 * such, to its endpoint (`chat.ts`, `responses.ts`, …), and the endpoint's answer out through `deliver.ts`.
 */
export function demoServer (demo: Demo): Server {
  const server = createServer((request, response) => {
    if (request.url === '/demo/requests') showRecord(demo.recorder, request, response)
    else receive(demo, request, response)
  })
  // Longer than any client keeps an idle connection, so that none is closed while a request is on its way.
  server.keepAliveTimeout = 600_000
  return server
}

/** The record for other processes. GET: as JSON lines, with the number of forgotten requests in a header. DELETE: starts afresh. */
function showRecord (recorder: Recorder, request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'DELETE') recorder.clear()
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'x-demo-forgotten': recorder.forgotten })
  response.end(recorder.toJsonLines())
}

const usedSockets = new WeakSet<object>()

function receive (demo: Demo, request: IncomingMessage, response: ServerResponse): void {
  const record = demo.recorder.open(request, response, demo.now())
  const reused = usedSockets.has(request.socket)
  usedSockets.add(request.socket)
  readBody(request, bytes => {
    if (bytes === null) return response.writeHead(413, { connection: 'close' }).end()
    const body = parsed(bytes)
    demo.recorder.read(record, bytes, typeof body?.model === 'string' ? body.model : null)
    const magic = magicOf(record.model ?? '')
    const [path = '', query] = (request.url ?? '').split('?', 2)
    const exchange = {
      demo,
      request,
      response,
      path: path.replace(/^\/v1(?=\/)/, '').replace(/\/$/, ''),
      query: new URLSearchParams(query),
      body: body ?? {},
      magic: magic === 'unknown' ? null : magic,
      record,
      id: demo.nextId(),
      reused
    }
    guarded(exchange, () => answer(exchange, body === null ? 'body' : magic === 'unknown' ? 'model' : null))
  })
}

function answer (exchange: Exchange, fault: 'body' | 'model' | null): void {
  const route = `${exchange.request.method} ${exchange.path}`
  if (route !== 'GET /models' && !hasKey(exchange)) return sendProblem(exchange, unauthorized(exchange))
  if (fault === 'body') return sendProblem(exchange, validationProblem('body', 'Expected a JSON object', occasionOf(exchange)))
  if (fault === 'model') return sendProblem(exchange, documentedProblem(404, 'No such magic model', occasionOf(exchange)))
  const infer = inference[route]
  if (infer === undefined) return answerOther(exchange, route)
  if (exchange.record.model === null) return sendProblem(exchange, validationProblem('model', 'Required', occasionOf(exchange)))
  if (!answeredByMagic(exchange)) infer(exchange)
}

function answerOther (exchange: Exchange, route: string): void {
  const [, handler] = others.find(([pattern]) => pattern.test(route)) ?? []
  if (handler === undefined) sendProblem(exchange, documentedProblem(404, 'Not found', occasionOf(exchange)))
  else handler(exchange)
}

function hasKey ({ demo, request }: Exchange): boolean {
  return demo.key === null || request.headers.authorization === `Bearer ${demo.key}`
}

/** Null when the body is above the bound. */
function readBody (request: IncomingMessage, use: (body: Buffer | null) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxBodyBytes) chunks.push(chunk)
  })
  request.once('end', () => use(size > maxBodyBytes ? null : chunks.length === 1 ? chunks[0] as Buffer : Buffer.concat(chunks)))
}

/** The body as an object, empty when there is no body; null when it is anything else. */
function parsed (bytes: Buffer): JsonObject | null {
  if (bytes.length === 0) return {}
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
