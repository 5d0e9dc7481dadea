import { createParser } from 'eventsource-parser'
import type { DemoUpstream } from '../../src/upstream/demo.ts'

/** Parsed JSON, walked by tests that know its shape: a wrong step is undefined, and the comparison fails. */
export type Json = { readonly [key: string]: Json } & { readonly length: number } & readonly Json[]

export function post (demo: DemoUpstream, path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(demo.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    redirect: 'manual'
  })
}

/** A chat request with one user message. */
export function chat (demo: DemoUpstream, more: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  return post(demo, '/chat/completions', { model: 'demo', messages: [{ role: 'user', content: 'Hello there' }], ...more }, headers)
}

export async function chatJson (demo: DemoUpstream, more: object = {}): Promise<Json> {
  return jsonOf(await chat(demo, more))
}

/** A request for a response to one text. */
export function respond (demo: DemoUpstream, more: object = {}): Promise<Response> {
  return post(demo, '/responses', { model: 'demo', input: 'Hello there', ...more })
}

export async function respondJson (demo: DemoUpstream, more: object = {}): Promise<Json> {
  return jsonOf(await respond(demo, more))
}

export async function get (demo: DemoUpstream, path: string): Promise<Json> {
  return jsonOf(await fetch(demo.url + path))
}

export async function jsonOf (response: Response): Promise<Json> {
  return await response.json() as Json
}

export interface SseEvent {
  readonly event: string | undefined
  readonly data: string
}

/** The events of a stream, read by a library of others. */
export async function eventsOf (response: Response): Promise<SseEvent[]> {
  return parseEvents(await response.text())
}

export function parseEvents (text: string): SseEvent[] {
  const events: SseEvent[] = []
  createParser({ onEvent: ({ event, data }) => events.push({ event, data }) }).feed(text)
  return events
}

/** The events that carry JSON, parsed. */
export async function chunksOf (response: Response): Promise<Json[]> {
  const events = await eventsOf(response)
  return events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data) as Json)
}

/** What a stream's first choice says. */
export function contentOf (chunks: readonly Json[]): string {
  return chunks.map(chunk => chunk.choices?.[0]?.delta?.content ?? '').join('')
}
