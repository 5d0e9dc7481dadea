import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'

export interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly response: ServerResponse
  readonly socket: Socket
  /** Resolves when the gateway has closed the connection before the answer was complete. */
  readonly cancelled: Promise<void>
}

export interface Provider {
  /** With `/v1`. */
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** Waits for the request number `index` to have come whole. */
  request (index: number): Promise<ReceivedRequest>
}

type Teardown = Pick<Test, 'teardown'>

/** An upstream that a test scripts byte by byte; for everything regular there is the demo upstream. */
export async function startProvider (t: Teardown, answer: (request: ReceivedRequest) => void): Promise<Provider> {
  const requests: ReceivedRequest[] = []
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const request: ReceivedRequest = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks),
        response,
        socket: incoming.socket,
        cancelled: new Promise(resolve => response.once('close', () => { if (!response.writableFinished) resolve() }))
      }
      requests.push(request)
      server.emit('received')
      answer(request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    async request (index) {
      while (requests[index] === undefined) await once(server, 'received')
      return requests[index]
    }
  }
}

/** Answers with JSON. */
export function sendJson (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** Opens an event stream. */
export function openStream (response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
}

/** One chat chunk as a provider sends it. */
export function chatChunk (content: string | null, extra: Record<string, unknown> = {}): string {
  const delta = content === null ? {} : { content }
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null }], ...extra }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

export const finishChunk = chatChunk(null, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })

/** A complete chat answer. */
export const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello', refusal: null }, finish_reason: 'stop', logprobs: null }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 }
}

/** What no log may show: `npm test` looks for it in all of them. */
export const prompt = 'Hi, what I ask is my own affair'

/** A small chat request. */
export function chat (extra: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'm', messages: [{ role: 'user', content: prompt }], ...extra }
}
