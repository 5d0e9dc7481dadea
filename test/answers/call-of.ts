import { readCall } from '../../src/openai/call.ts'
import type { Call, Endpoint } from '../../src/openai/call.ts'

/** A call as it comes off the wire. A string is the body as it is; members are added to a body that is complete without them. */
export function callOf (endpoint: Endpoint, body: string | Readonly<Record<string, unknown>>): Call {
  const text = typeof body === 'string' ? body : JSON.stringify({ ...minimal[endpoint], ...body })
  return readCall(endpoint, Buffer.from(text), { maxDepth: 1000, maxTokens: 100_000 })
}

const minimal: Readonly<Record<Endpoint, object>> = {
  'chat.completions': { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] },
  responses: { model: 'gpt-4o', input: 'Hi' },
  embeddings: { model: 'text-embedding-3-small', input: 'Hi' }
}
