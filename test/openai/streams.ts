import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { Assembler } from '../../src/openai/assemble.ts'
import type { Endpoint } from '../../src/openai/call.ts'
import type { Json } from '../../src/openai/json.ts'
import { createStreamReader } from '../../src/openai/stream.ts'
import type { StreamReader } from '../../src/openai/stream.ts'

const folder = new URL('../fixtures/streams/', import.meta.url)

/** The recorded streams, by name. */
export const fixtures: ReadonlyMap<string, Buffer> = new Map(
  readdirSync(folder).filter(file => file.endsWith('.sse')).map(file => [file.slice(0, -4), readFileSync(new URL(file, folder))])
)

export function fixture (name: string): Buffer {
  const bytes = fixtures.get(name)
  if (bytes === undefined) throw new Error(`no fixture ${name}`)
  return bytes
}

export function endpointOf (name: string): Endpoint {
  return name.startsWith('responses') ? 'responses' : 'chat.completions'
}

export function readerOf (name: string, includeUsage = false): StreamReader {
  return createStreamReader(endpointOf(name), { includeUsage, maxEventBytes: 1 << 20, choices: name.startsWith('chat-two-choices') ? 2 : 1 })
}

/** The object that a stream stands for, built from what its reader tells of it. */
export function assemble (endpoint: Endpoint, chunks: readonly Buffer[]): Json | null {
  const assembler = new Assembler(endpoint, Infinity)
  const reader = createStreamReader(endpoint, { includeUsage: true, maxEventBytes: 1 << 20, onEvent: event => { assembler.add(event) } })
  for (const chunk of chunks) reader.push(chunk)
  reader.finish()
  return assembler.finish()
}

/** What a client has been sent at each of the three moments. */
export interface Relayed {
  readonly reader: StreamReader
  readonly beforeEnd: string
  readonly released: string
  /** Null when the stream stopped early. */
  readonly finished: string | null
  /** All of it, as latin1. */
  readonly all: string
}

/** Feeds the chunks as the relay does: what may pass, then what was held back, then the end. */
export function relay (reader: StreamReader, chunks: readonly Buffer[]): Relayed {
  const before: Buffer[] = []
  const released: Buffer[] = []
  for (const chunk of chunks) {
    before.push(...reader.push(chunk))
    released.push(...reader.release())
  }
  const last = reader.finish()
  const [beforeEnd, release, finished] = [before, released, last ?? []].map(buffers => Buffer.concat(buffers).toString('latin1')) as [string, string, string]
  return { reader, beforeEnd, released: release, finished: last === null ? null : finished, all: beforeEnd + release + finished }
}

/** The bytes in pieces, cut after the lengths given, over and over. */
export function cut (bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (lengths[i % lengths.length] as number)
    chunks.push(bytes.subarray(at, end))
    at = end
  }
  return chunks
}

export const chunkLengths = fc.oneof(
  fc.constantFrom([1], [2], [3], [7], [65_536]),
  fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 400 })), { minLength: 1, maxLength: 20 })
)
