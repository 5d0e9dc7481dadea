import type { Config } from './config/schema.ts'
import { nanoUsdOf } from './metering/money.ts'
import { aimlapiPrices, openaiPrices } from './metering/prices.ts'
import { namesOf } from './metering/pricing.ts'
import type { PriceEntry } from './metering/pricing.ts'

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
    input: nanoUsdOf(price.input),
    output: nanoUsdOf(price.output),
    ...(price.cached_input !== undefined && { cachedInput: nanoUsdOf(price.cached_input) }),
    ...(price.cache_write !== undefined && { cacheWrite: nanoUsdOf(price.cache_write) }),
    ...(price.audio_input !== undefined && { audioInput: nanoUsdOf(price.audio_input) }),
    ...(price.reasoning !== undefined && { reasoning: nanoUsdOf(price.reasoning) }),
    ...(price.audio_output !== undefined && { audioOutput: nanoUsdOf(price.audio_output) })
  }
}
