import type { Usage } from '../openai/usage.ts'

/** What a model costs: integer nano-USD per million tokens ($1.25 per 1M tokens is 1_250_000_000). Absent ones cost what their kind costs. */
export interface Price {
  readonly input: number
  /** Input that the provider read from its cache. */
  readonly cachedInput?: number
  /** Input that the provider wrote to its cache. */
  readonly cacheWrite?: number
  readonly audioInput?: number
  readonly output: number
  readonly reasoning?: number
  readonly audioOutput?: number
}

/** One price of one model, from a day on. */
export interface PriceEntry extends Price {
  readonly model: string
  /** `YYYY-MM-DD`, from 00:00 UTC. A new price is a new entry: a past month keeps the one it had. */
  readonly effectiveFrom: string
}

const million = 1_000_000

/** An exact sum of tokens × price: whole nano-USD, and millionths of one. No step leaves the integers below 2^53. */
interface Amount {
  whole: number
  millionths: number
}

/** What an answer costs, nano-USD, rounded half up. Exact up to a billion tokens of each kind. */
export function costOf (price: Price, usage: Usage): number {
  const { input, output } = price
  const plainInput = usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens - usage.audioInputTokens
  const plainOutput = usage.outputTokens - usage.reasoningTokens - usage.audioOutputTokens
  const amount: Amount = { whole: 0, millionths: 0 }
  add(amount, plainInput, input)
  add(amount, usage.cachedInputTokens, price.cachedInput ?? input)
  add(amount, usage.cacheWriteTokens, price.cacheWrite ?? input)
  add(amount, usage.audioInputTokens, price.audioInput ?? input)
  add(amount, plainOutput, output)
  add(amount, usage.reasoningTokens, price.reasoning ?? output)
  add(amount, usage.audioOutputTokens, price.audioOutput ?? output)
  return amount.whole + Math.round(amount.millionths / million)
}

/** The most that so many tokens can cost, nano-USD: each at the dearest rate of its side. */
export function worstCostOf (price: Price, inputTokens: number, outputTokens: number): number {
  const { input, output } = price
  const dearestInput = Math.max(input, price.cachedInput ?? 0, price.cacheWrite ?? 0, price.audioInput ?? 0)
  const dearestOutput = Math.max(output, price.reasoning ?? 0, price.audioOutput ?? 0)
  const amount: Amount = { whole: 0, millionths: 0 }
  add(amount, inputTokens, dearestInput)
  add(amount, outputTokens, dearestOutput)
  return amount.whole + Math.ceil(amount.millionths / million)
}

function add (amount: Amount, tokens: number, perMillion: number): void {
  if (tokens <= 0 || perMillion === 0) return
  amount.whole += tokens * Math.floor(perMillion / million)
  amount.millionths += tokens * (perMillion % million)
}

/** Models whose prices are remembered. */
const maxKnown = 1000

/** Prices by model and day. Later tables of the constructor are asked only where the earlier ones do not know the model. */
export class PriceTable {
  #tables: readonly ReadonlyMap<string, readonly DatedPrice[]>[] = []
  /** The prices of models that were asked for, the most exact first. Callers choose the names. */
  readonly #known = new Map<string, readonly DatedPrice[]>()

  constructor (...tables: readonly (readonly PriceEntry[])[]) {
    this.replace(...tables)
  }

  /** All tables at once. */
  replace (...tables: readonly (readonly PriceEntry[])[]): void {
    this.#tables = tables.map(byModel)
    this.#known.clear()
  }

  /**
   * The price of a model at a moment (ms), or null when it has none: then the cost is unknown, which is not 0. A dated snapshot
   * (`gpt-4o-2024-11-20`) without a price of its own has its model's, and so has a name with its maker before it (`openai/gpt-4o`).
   */
  find (model: string, atMs: number): PriceEntry | null {
    return this.#pricesOf(model).find(({ fromMs }) => fromMs <= atMs)?.entry ?? null
  }

  #pricesOf (model: string): readonly DatedPrice[] {
    let prices = this.#known.get(model)
    if (prices === undefined) {
      prices = namesOf(model).flatMap(name => this.#tables.flatMap(table => table.get(name) ?? []))
      if (this.#known.size >= maxKnown) this.#known.clear()
      this.#known.set(model, prices)
    }
    return prices
  }
}

interface DatedPrice {
  readonly fromMs: number
  readonly entry: PriceEntry
}

/** Newest first. */
function byModel (entries: readonly PriceEntry[]): ReadonlyMap<string, readonly DatedPrice[]> {
  const dated = entries.map(entry => ({ fromMs: Date.parse(`${entry.effectiveFrom}T00:00:00Z`), entry }))
  return Map.groupBy(dated.sort((a, b) => b.fromMs - a.fromMs), ({ entry }) => entry.model)
}

/** The names under which a model may have its price, the most exact first. */
export function namesOf (model: string): string[] {
  const bare = model.slice(model.lastIndexOf('/') + 1)
  const names = [model, undated(model), bare, undated(bare)]
  return names.filter((name, index) => names.indexOf(name) === index)
}

function undated (model: string): string {
  return model.replace(/-\d{4}-\d{2}-\d{2}$/, '')
}
