import { GatewayError } from '../openai/errors.ts'
import { upstreamHeaders } from '../openai/headers.ts'
import { modelList } from '../openai/models.ts'
import type { Model } from '../openai/models.ts'
import { errorOfUpstream } from '../openai/upstream-error.ts'
import { failureOf } from './failure.ts'
import type { ModelRouter } from './routing.ts'
import type { Upstream } from './upstream.ts'

/** A list is asked for again after this, ms; AIMLAPI's own `cache-control` says 60 s. */
const freshMs = 60_000
/** Largest list read; AIMLAPI's has 519 KB. */
const maxListBytes = 8 * 1024 * 1024

/** The catalogue of whichever router is in effect. A new one begins anew: its list may come from elsewhere. */
export class CurrentCatalogue {
  readonly #routing: { readonly router: ModelRouter }
  #router: ModelRouter
  #catalogue: Catalogue

  constructor (routing: { readonly router: ModelRouter }) {
    this.#routing = routing
    this.#router = routing.router
    this.#catalogue = new Catalogue(routing.router)
  }

  models (): Promise<readonly Model[]> {
    if (this.#router !== this.#routing.router) {
      this.#router = this.#routing.router
      this.#catalogue = new Catalogue(this.#router)
    }
    return this.#catalogue.models()
  }
}

/** The models that can be asked for: what the default upstream lists, and the names that the configuration gives. */
export class Catalogue {
  readonly #upstream: Upstream
  readonly #router: ModelRouter
  #models: readonly Model[] | null = null
  #readAt = 0
  #reading: Promise<readonly Model[]> | null = null

  constructor (router: ModelRouter) {
    this.#router = router
    this.#upstream = router.defaultTarget.upstream
  }

  /** An old list is better than none: it is kept while the upstream does not answer. */
  async models (): Promise<readonly Model[]> {
    if (this.#models !== null && performance.now() - this.#readAt < freshMs) return this.#models
    this.#reading ??= this.#read().finally(() => { this.#reading = null })
    try {
      return await this.#reading
    } catch (error) {
      if (this.#models !== null) return this.#models
      throw error
    }
  }

  async #read (): Promise<readonly Model[]> {
    const listed = modelList(await this.#fetch())
    const byId = new Map(listed.map(model => [model.id, model]))
    for (const name of this.#router.names) byId.set(name, this.#named(name, byId))
    this.#models = [...byId.values()]
    this.#readAt = performance.now()
    return this.#models
  }

  /** A configured name shows what its model is, under the name that callers use. */
  #named (name: string, listed: ReadonlyMap<string, Model>): Model {
    const [target] = this.#router.targets(name)
    const model = listed.get(target?.model ?? name)
    return { object: 'model', created: 0, owned_by: target?.upstream.name ?? 'tollgate', ...model, id: name }
  }

  async #fetch (): Promise<Buffer> {
    const { pool, basePath, settings, keys } = this.#upstream
    const key = keys.next(performance.now())
    const headers = upstreamHeaders({}, false)
    for (const [name, value] of Object.entries(settings.headers)) headers.push(name, value)
    if (key !== null) headers.push('authorization', `Bearer ${key.value}`)
    const answer = await pool.request({ method: 'GET', path: `${basePath}/models`, headers }).catch((error: unknown) => { throw failureOf(error) })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxListBytes) throw new GatewayError('upstream_invalid_response')
      chunks.push(chunk)
    }
    const body = Buffer.concat(chunks)
    if (answer.statusCode >= 300) throw errorOfUpstream(answer.statusCode, answer.headers, body, Date.now())
    return body
  }
}
