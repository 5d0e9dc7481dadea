import { test } from 'tap'
import { readCost, readUsage } from '../../src/openai/usage.ts'

const none = { cachedInputTokens: 0, cacheWriteTokens: 0, audioInputTokens: 0, reasoningTokens: 0, audioOutputTokens: 0, costNanoUsd: null }

test('chat completions', async t => {
  t.strictSame(readUsage('chat.completions', {
    prompt_tokens: 100,
    completion_tokens: 50,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 5, audio_tokens: 7 },
    completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 3, accepted_prediction_tokens: 1, rejected_prediction_tokens: 2 }
  }, 9), { inputTokens: 100, cachedInputTokens: 40, cacheWriteTokens: 5, audioInputTokens: 7, outputTokens: 50, reasoningTokens: 30, audioOutputTokens: 3, costNanoUsd: 9 })
})

test('responses, and chat in the words of responses', async t => {
  const usage = { input_tokens: 37, input_tokens_details: { cached_tokens: 8, cache_write_tokens: 2 }, output_tokens: 14, output_tokens_details: { reasoning_tokens: 3 }, total_tokens: 51 }
  for (const endpoint of ['responses', 'chat.completions'] as const) {
    t.strictSame(readUsage(endpoint, usage, null), { ...none, inputTokens: 37, cachedInputTokens: 8, cacheWriteTokens: 2, outputTokens: 14, reasoningTokens: 3 })
  }
})

test('embeddings generate nothing', async t => {
  t.strictSame(readUsage('embeddings', { prompt_tokens: 8, total_tokens: 8 }, null), { ...none, inputTokens: 8, outputTokens: 0 })
})

test('zero is a number, nothing is not', async t => {
  t.strictSame(readUsage('chat.completions', { prompt_tokens: 0, completion_tokens: 0 }, 0), { ...none, inputTokens: 0, outputTokens: 0, costNanoUsd: 0 })
  for (const usage of [undefined, null, 7, 'x', [], {}, { prompt_tokens: 1 }, { completion_tokens: 1 }, { total_tokens: 5 }]) t.equal(readUsage('chat.completions', usage, null), null)
})

test('nonsense is not counted', async t => {
  for (const bad of [-1, 1.5, NaN, Infinity, 2 ** 53, '7', null, {}, true]) {
    t.equal(readUsage('chat.completions', { prompt_tokens: bad, completion_tokens: 1 }, null), null, `prompt_tokens ${String(bad)}`)
    t.equal(readUsage('chat.completions', { prompt_tokens: 1, completion_tokens: bad }, null), null, `completion_tokens ${String(bad)}`)
    t.strictSame(readUsage('chat.completions', { prompt_tokens: 1, completion_tokens: 2, prompt_tokens_details: { cached_tokens: bad }, completion_tokens_details: { reasoning_tokens: bad } }, null), { ...none, inputTokens: 1, outputTokens: 2 })
  }
})

test('no part exceeds its whole', async t => {
  t.match(readUsage('chat.completions', { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 8, cache_write_tokens: 8, audio_tokens: 80 }, completion_tokens_details: { reasoning_tokens: 50, audio_tokens: 6 } }, null), {
    cachedInputTokens: 8, cacheWriteTokens: 2, audioInputTokens: 10, reasoningTokens: 5, audioOutputTokens: 5
  })
})

test('reasoning that a provider counts apart belongs to the output', async t => {
  t.match(readUsage('chat.completions', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 115, completion_tokens_details: { reasoning_tokens: 100 } }, null), { outputTokens: 105, reasoningTokens: 100 })
  t.match(readUsage('chat.completions', { prompt_tokens: 10, completion_tokens: 105, total_tokens: 115, completion_tokens_details: { reasoning_tokens: 100 } }, null), { outputTokens: 105, reasoningTokens: 100 })
})

test('the provider\'s price, in dollars or in credits', async t => {
  for (const [usage, cost] of [
    [{ usd_spent: 0.00124, credits_used: 2480 }, 1_240_000], [{ credits_used: 2480 }, 1_240_000], [{ usd_spent: '0.001240000' }, 1_240_000], [{ usd_spent: 0 }, 0], [{ credits_used: 0 }, 0], [{ usd_spent: -1 }, null], [{ usd_spent: -1, credits_used: 2 }, 1000],
    [{ usd_spent: null, credits_used: null }, null], [{ credits_used: -1 }, null], [{ credits_used: 2 ** 52 }, null], [{}, null], [null, null]
  ] as const) t.equal(readCost({ usage }), cost, JSON.stringify(usage))
  t.equal(readCost(null), null)
})
