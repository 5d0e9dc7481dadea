import { occasionOf, sendJson, sendProblem, type Exchange } from './exchange.ts'
import type { JsonObject } from './json.ts'
import { magicModels } from './magic.ts'
import { documentedProblem } from './problems.ts'

const chat = 'openai/chat-completions'
const responses = 'openai/responses'
const embedding = 'openai/embeddings'

/** In AIMLAPI's shape: no `object`, `created` or `owned_by`, unlike OpenAI's. */
const catalogue: readonly JsonObject[] = [
  model('demo', chat, { name: 'Demo', developer: 'Tollgate', description: 'Answers without a model', releasedAt: '2026-11-22' }),
  model('gpt-4-0125-preview', chat, { name: 'GPT-4 Turbo Preview', developer: 'Open AI', releasedAt: '2024-01-25', contextLength: 128_000, outputMax: 4_096 }),
  model('gpt-4-1106-preview', chat, { name: 'GPT-4 Turbo Preview', developer: 'Open AI', releasedAt: '2023-11-06', contextLength: 128_000, outputMax: 4_096 }),
  model('openai/gpt-4o', responses, { name: 'GPT-4o', developer: 'Open AI', releasedAt: '2024-05-13', contextLength: 128_000, outputMax: 16_384 }, ['gpt-4o']),
  model('gpt-4o-mini', chat, { name: 'GPT-4o mini', developer: 'Open AI', releasedAt: '2024-07-18', contextLength: 128_000, outputMax: 16_384 }),
  model('text-embedding-3-small', embedding, { name: 'Embedding 3 Small', developer: 'Open AI', releasedAt: '2024-01-25' }),
  model('text-embedding-3-large', embedding, { name: 'Embedding 3 Large', developer: 'Open AI', releasedAt: '2024-01-25' }),
  ...Object.entries(magicModels).map(([id, { does }]) => model(id, chat, { name: id, developer: 'Tollgate', description: does }))
]

/** GET /v1/models: needs no key, as at AIMLAPI. */
export function listModels (exchange: Exchange): void {
  sendJson(exchange, { object: 'list', data: catalogue })
}

/** GET /v1/models/{id}: the id may hold slashes, encoded or not; aliases are found, too. */
export function getModel (exchange: Exchange): void {
  const id = decoded(exchange.path.slice('/models/'.length))
  const found = catalogue.find(model => model.id === id || (Array.isArray(model.aliases) && model.aliases.includes(id)))
  if (found === undefined) sendProblem(exchange, documentedProblem(404, 'Model not found', occasionOf(exchange)))
  else sendJson(exchange, found)
}

function model (id: string, type: string, info: JsonObject, aliases: readonly string[] = []): JsonObject {
  return { id, aliases, type, info, tags: [] }
}

function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
