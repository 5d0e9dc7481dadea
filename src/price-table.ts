import type { Config } from './config/schema.ts'
import { aimlapiPrices, openaiPrices } from './metering/prices.ts'
import { namesOf } from './metering/pricing.ts'
import type { PriceEntry } from './metering/pricing.ts'

const nanoUsdPerUsd = 1e9

/** The configuration's own prices, then those of the models behind its names, then those that ship. AIMLAPI charges its own prices; every other upstream is taken to charge the maker's. */
export function priceTables (config: Config): readonly (readonly PriceEntry[])[] {
  const isAimlapi = config.upstreams[config.default_upstream]?.base_url.includes('aimlapi.com') === true
  const own = config.prices.map(entryOf)
  const shipped = isAimlapi ? aimlapiPrices : openaiPrices
  return [own, pricesOfNames(config, [...own, ...shipped]), shipped]
}

/** A name that callers use costs what the model behind it costs: requests are billed by the name they came with. */
function pricesOfNames ({ models }: Config, prices: readonly PriceEntry[]): PriceEntry[] {
  const byModel = Map.groupBy(prices, ({ model }) => model)
  return Object.entries(models).flatMap(([name, { model = name }]) => {
    const found = namesOf(model).map(candidate => byModel.get(candidate)).find(entries => entries !== undefined) ?? []
    return found.map(entry => ({ ...entry, model: name }))
  })
}

function entryOf (price: Config['prices'][number]): PriceEntry {
  return {
    model: price.model,
    effectiveFrom: price.effective_from,
    input: nano(price.input),
    output: nano(price.output),
    ...(price.cached_input !== undefined && { cachedInput: nano(price.cached_input) }),
    ...(price.cache_write !== undefined && { cacheWrite: nano(price.cache_write) }),
    ...(price.audio_input !== undefined && { audioInput: nano(price.audio_input) }),
    ...(price.reasoning !== undefined && { reasoning: nano(price.reasoning) }),
    ...(price.audio_output !== undefined && { audioOutput: nano(price.audio_output) })
  }
}

function nano (usd: number): number {
  return Math.round(usd * nanoUsdPerUsd)
}
