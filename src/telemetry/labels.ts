/** What stands for every value outside a closed set, so that callers cannot make series. */
export const other = 'other'

/** A set that grows as values come, up to a bound; values beyond it are `other`. */
export class BoundedLabel {
  readonly #known = new Set<string>()
  readonly #max: number

  constructor (max: number) {
    this.#max = max
  }

  of (value: string): string {
    if (this.#known.has(value)) return value
    if (this.#known.size >= this.#max) return other
    this.#known.add(value)
    return value
  }
}

/** Model names as labels: a known name is its own, a name that a known pattern (`openai/*`) matches is the pattern's, any other is `other`. */
export class ModelLabel {
  readonly #names: ReadonlySet<string>
  /** Longest first, as the router matches them. */
  readonly #prefixes: readonly string[]

  constructor (names: Iterable<string>) {
    this.#names = new Set(names)
    this.#prefixes = [...this.#names].filter(name => name.endsWith('*')).map(name => name.slice(0, -1)).sort((a, b) => b.length - a.length)
  }

  of (model: string): string {
    if (this.#names.has(model)) return model
    const prefix = this.#prefixes.find(prefix => model.startsWith(prefix))
    return prefix === undefined ? other : `${prefix}*`
  }
}
