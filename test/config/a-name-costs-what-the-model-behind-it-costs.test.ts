import { test } from 'tap'
import type { Test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { PriceTable } from '../../src/metering/pricing.ts'
import { priceTables } from '../../src/price-table.ts'

const now = Date.parse('2026-11-22T00:00:00Z')

async function pricesWith (t: Test, yaml: string): Promise<PriceTable> {
  return new PriceTable(...priceTables(await loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': yaml }) })))
}

test('a name has the price of its model, whatever maker stands before it', async t => {
  const prices = await pricesWith(t, 'models: { fast: { model: openai/gpt-4o-mini }, gpt-4o: { model: gpt-4o-mini } }')
  t.match(prices.find('fast', now), { input: 150_000_000, output: 600_000_000 })
  t.match(prices.find('gpt-4o', now), { input: 150_000_000 }, 'even when it is the name of another model')
})

test('a price of the file goes first: that of the name, then that of the model behind it', async t => {
  const prices = await pricesWith(t, `
models: { fast: { model: house }, slow: { model: house } }
prices:
  - { model: house, effective_from: 2020-01-01, input: 3, output: 4, cached_input: 1 }
  - { model: fast, effective_from: 2020-01-01, input: 0.5, output: 0.25 }
  - { model: fast, effective_from: 2030-01-01, input: 9, output: 9 }
`)
  t.match(prices.find('fast', now), { input: 500_000_000, output: 250_000_000 })
  t.match(prices.find('slow', now), { input: 3e9, output: 4e9, cachedInput: 1e9 })
})

test('a name whose model has no price has none', async t => {
  const prices = await pricesWith(t, 'models: { fast: { model: unknown } }')
  t.equal(prices.find('fast', now), null)
})
