import { GatewayError } from './errors.ts'
import { objectOrEmpty, objectsIn, parseObject } from './json.ts'
import type { Json } from './json.ts'

/** A model as OpenAI's API shows it, with whatever else the upstream tells about it. */
export interface Model extends Json {
  readonly id: string
  readonly object: 'model'
  /** Unix seconds; 0 when it is not known. */
  readonly created: number
  readonly owned_by: string
}

/**
 * The models in the body of an upstream's `GET /models`. AIMLAPI's items lack `object`, `created` and `owned_by`: they are
 * filled in from `info.releasedAt` and `info.developer`. Other members are kept; items without an id are left out.
 *
 * Throws GatewayError `upstream_invalid_response` when the body is no list.
 */
export function modelList (body: Buffer): Model[] {
  const list = parseObject(body.toString())
  if (!Array.isArray(list?.data)) throw new GatewayError('upstream_invalid_response')
  return objectsIn(list.data).flatMap(item => typeof item.id === 'string' && item.id !== '' ? [asModel(item.id, item)] : [])
}

function asModel (id: string, item: Json): Model {
  const info = objectOrEmpty(item.info)
  return { ...item, id, object: 'model', created: created(item.created, info.releasedAt), owned_by: owner(id, item.owned_by, info.developer) }
}

function created (own: unknown, releasedAt: unknown): number {
  if (typeof own === 'number' && Number.isSafeInteger(own)) return own
  const ms = typeof releasedAt === 'string' ? Date.parse(releasedAt) : NaN
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000)
}

function owner (id: string, own: unknown, developer: unknown): string {
  for (const name of [own, developer, /^[^/]+(?=\/)/.exec(id)?.[0]]) {
    if (typeof name === 'string' && name !== '') return name
  }
  return 'unknown'
}
