import fc from 'fast-check'
import { test } from 'tap'
import { noUsage } from '../../src/metering/outcome.ts'
import { aimlapiPrices, openaiPrices } from '../../src/metering/prices.ts'
import { costOf, PriceTable, worstCostOf } from '../../src/metering/pricing.ts'
import type { Price } from '../../src/metering/pricing.ts'

const tokens = fc.integer({ min: 0, max: 1_000_000_000 })
const perMillion = fc.integer({ min: 0, max: 600_000_000_000 })

const prices: fc.Arbitrary<Price> = fc.record({
  input: perMillion,
  output: perMillion,
  cachedInput: perMillion,
  cacheWrite: perMillion,
  audioInput: perMillion,
  reasoning: perMillion,
  audioOutput: perMillion
}, { requiredKeys: ['input', 'output'] })

const parts = fc.record({ plainIn: tokens, cached: tokens, write: tokens, audioIn: tokens, plainOut: tokens, reasoning: tokens, audioOut: tokens })

test('the cost is the exact sum of tokens × price, rounded half up', async t => {
  fc.assert(fc.property(prices, parts, (price, part) => {
    const usage = {
      ...noUsage,
      inputTokens: part.plainIn + part.cached + part.write + part.audioIn,
      cachedInputTokens: part.cached,
      cacheWriteTokens: part.write,
      audioInputTokens: part.audioIn,
      outputTokens: part.plainOut + part.reasoning + part.audioOut,
      reasoningTokens: part.reasoning,
      audioOutputTokens: part.audioOut
    }
    const exact = BigInt(part.plainIn) * BigInt(price.input) + BigInt(part.cached) * BigInt(price.cachedInput ?? price.input) +
      BigInt(part.write) * BigInt(price.cacheWrite ?? price.input) + BigInt(part.audioIn) * BigInt(price.audioInput ?? price.input) +
      BigInt(part.plainOut) * BigInt(price.output) + BigInt(part.reasoning) * BigInt(price.reasoning ?? price.output) +
      BigInt(part.audioOut) * BigInt(price.audioOutput ?? price.output)
    const expected = (exact + 500_000n) / 1_000_000n
    return BigInt(costOf(price, usage)) === expected
  }))
  t.pass()
})

test('the worst cost is never below the cost of as many tokens, however they fall', async t => {
  fc.assert(fc.property(prices, fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 1_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (price, input, output, share) => {
    const cachedInputTokens = Math.floor(input * share)
    const usage = {
      ...noUsage,
      inputTokens: input,
      cachedInputTokens,
      audioInputTokens: input - cachedInputTokens,
      outputTokens: output,
      reasoningTokens: Math.floor(output * share)
    }
    return costOf(price, usage) <= worstCostOf(price, input, output)
  }))
  t.pass()
})

test('prices are found by model, snapshot and day', async t => {
  const table = new PriceTable(openaiPrices)
  const at = Date.parse('2026-11-22')
  t.equal(table.find('gpt-5', at)?.input, 1_250_000_000)
  t.equal(table.find('gpt-4o-2024-11-20', at)?.output, 10_000_000_000, 'a snapshot costs what its model does')
  t.equal(table.find('gpt-4o-2024-05-13', at)?.output, 15_000_000_000, 'unless it has a price of its own')
  t.equal(table.find('openai/gpt-4o-mini', at)?.input, 150_000_000, 'with its maker before it')
  t.equal(table.find('o3', Date.parse('2025-05-01'))?.input, 10_000_000_000, 'a past month keeps its price')
  t.equal(table.find('o3', at)?.input, 2_000_000_000)
  t.equal(table.find('o3', Date.parse('2025-01-01')), null, 'before its first price a model has none')
  t.equal(table.find('no-such-model', at), null)
})

test('an earlier table overrides a later one', async t => {
  const own = { model: 'gpt-5', effectiveFrom: '2020-01-01', input: 1, output: 2 }
  t.equal(new PriceTable([own], openaiPrices).find('gpt-5', Date.parse('2026-11-22'))?.input, 1)
})

test('shipped prices are whole nano-USD, and one model and day has one price', async t => {
  for (const entries of [openaiPrices, aimlapiPrices]) {
    const names = entries.map(({ model, effectiveFrom }) => `${model} ${effectiveFrom}`)
    t.equal(new Set(names).size, names.length)
    for (const { model, effectiveFrom, ...price } of entries) {
      t.match(effectiveFrom, /^\d{4}-\d{2}-\d{2}$/)
      t.ok(Object.values(price).every(value => Number.isSafeInteger(value) && value >= 0), model)
    }
  }
  t.equal(new PriceTable(aimlapiPrices).find('gpt-5.1', Date.parse('2026-11-22'))?.input, 1_312_500_000)
})
