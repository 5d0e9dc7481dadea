import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** A connection to the listener at a URL, for clients that read, pause or leave as no HTTP library does. */
export function connectTo (url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect(Number(port), hostname)
}

/** A chat completion's request as it goes over the wire. */
export function rawChat (key: string, body: unknown): string {
  const json = JSON.stringify(body)
  return `${rawChatHead(key)}content-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`
}

/** The beginning of its head: without its length, and without the line that ends the head. */
export function rawChatHead (key: string): string {
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n`
}

/** Resolves when the next client to connect is gone. */
export async function nextClientGone ({ server }: FastifyInstance): Promise<void> {
  await new Promise<void>(resolve => {
    server.once('connection', (socket: Socket) => { socket.once('close', () => { resolve() }) })
  })
}
