import { GatewayError } from '../openai/errors.ts'
import { upstreamHeaders } from '../openai/headers.ts'
import { modelList } from '../openai/models.ts'
import type { Model } from '../openai/models.ts'
import { Delivery } from './delivery.ts'
import { JsonAnswer } from './json-answer.ts'
import type { ModelRouter } from './routing.ts'

/** A list is asked for again after this, ms; AIMLAPI's own `cache-control` says 60 s. */
const freshMs = 60_000
/** Longest wait for a list, ms. */
const maxWaitMs = 15_000
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
  readonly #router: ModelRouter
  #models: readonly Model[] | null = null
  #readAt = -Infinity
  #reading: Promise<readonly Model[]> | null = null

  constructor (router: ModelRouter) {
    this.#router = router
  }

  /** An old list is better than none, and than a wait: it is given out while a new one is fetched. Rejects while there is none at all. */
  async models (): Promise<readonly Model[]> {
    if (this.#models === null) return await this.#refresh()
    if (performance.now() - this.#readAt >= freshMs) this.#refresh().catch(() => {})
    return this.#models
  }

  #refresh (): Promise<readonly Model[]> {
    this.#reading ??= this.#read().finally(() => { this.#reading = null })
    return this.#reading
  }

  async #read (): Promise<readonly Model[]> {
    if (this.#models !== null) this.#readAt = performance.now()
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

  /** By the same way as everything else: retries, other keys, the breaker. */
  async #fetch (): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const giveUp = (error: GatewayError): void => {
      delivery.abort(error)
      reject(error)
    }
    const delivery = new Delivery({
      method: 'GET',
      path: '/models',
      headers: upstreamHeaders({}, false),
      targets: [this.#router.defaultTarget],
      bodyFor: () => null,
      forgetBody: () => {}
    }, {
      onAnswer: (_status, headers) => new JsonAnswer(headers, maxListBytes, { onBody: resolve, onBadAnswer: giveUp }),
      onFailure: reject
    })
    const deadline = setTimeout(giveUp, maxWaitMs, new GatewayError('upstream_timeout'))
    delivery.start()
    return await promise.finally(() => { clearTimeout(deadline) })
  }
}
