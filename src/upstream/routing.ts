import type { Upstream } from './upstream.ts'

/** Where one request may go: an upstream and the model's id there. */
export interface Target {
  readonly upstream: Upstream
  /** The id to send, or null to send the caller's own. */
  readonly model: string | null
}

/** One entry of the model table. */
export interface ModelRoute {
  readonly upstream: string
  /** The id at the upstream. In the route of a pattern, `*` stands for what the pattern's `*` stood for. */
  readonly model: string
  /** Public names of the models to try next, before the first byte. */
  readonly fallbacks: readonly string[]
}

/**
 * Public model name → upstreams to try, in order. Names that no entry matches go to the default upstream verbatim: the
 * client chooses a model, never a host. An entry may end in `*` (`openai/*`); the longest match wins.
 */
export class ModelRouter {
  readonly #upstreams: ReadonlyMap<string, Upstream>
  readonly #default: Upstream
  readonly #exact = new Map<string, ModelRoute>()
  readonly #prefixes: Array<readonly [prefix: string, route: ModelRoute]> = []

  constructor (upstreams: ReadonlyMap<string, Upstream>, defaultUpstream: string, routes: ReadonlyMap<string, ModelRoute>) {
    this.#upstreams = upstreams
    this.#default = this.#upstream(defaultUpstream)
    for (const [name, route] of routes) {
      if (name.endsWith('*')) this.#prefixes.push([name.slice(0, -1), route])
      else this.#exact.set(name, route)
    }
    this.#prefixes.sort(([a], [b]) => b.length - a.length)
  }

  /** The upstream of requests that name no model. */
  get defaultTarget (): Target {
    return { upstream: this.#default, model: null }
  }

  /** Names that the configuration gives to models, patterns left out. */
  get names (): readonly string[] {
    return [...this.#exact.keys()]
  }

  /** @returns at least one target; fallbacks of fallbacks are not followed */
  targets (model: string): readonly Target[] {
    const found = this.#find(model)
    if (found === null) return [this.defaultTarget]
    return [found.target, ...found.fallbacks.map(name => this.#find(name)?.target ?? { upstream: this.#default, model: name })]
  }

  /** Where a model's requests go when nothing fails. */
  destination (model: string): { readonly upstream: string, readonly model: string } {
    const { target } = this.#find(model) ?? { target: this.defaultTarget }
    return { upstream: target.upstream.name, model: target.model ?? model }
  }

  #find (name: string): { target: Target, fallbacks: readonly string[] } | null {
    const exact = this.#exact.get(name)
    if (exact !== undefined) return this.#found(exact, exact.model)
    for (const [prefix, route] of this.#prefixes) {
      if (name.startsWith(prefix)) return this.#found(route, route.model.replace('*', () => name.slice(prefix.length)))
    }
    return null
  }

  #found ({ upstream, fallbacks }: ModelRoute, model: string): { target: Target, fallbacks: readonly string[] } {
    return { target: { upstream: this.#upstream(upstream), model }, fallbacks }
  }

  #upstream (name: string): Upstream {
    const upstream = this.#upstreams.get(name)
    if (upstream === undefined) throw new Error(`unknown upstream "${name}"`)
    return upstream
  }
}
