import { test } from 'tap'
import { fixture, readerOf, relay } from './streams.ts'

const openai = { inputTokens: 19, cachedInputTokens: 4, cacheWriteTokens: 0, audioInputTokens: 0, outputTokens: 12, reasoningTokens: 0, audioOutputTokens: 0, costNanoUsd: null }
const responses = { ...openai, inputTokens: 37, cachedInputTokens: 8, outputTokens: 14, reasoningTokens: 3 }

const expected = {
  'chat-plain': openai,
  'chat-crlf': openai,
  'chat-multi-line-data': openai,
  'chat-usage-in-the-middle': openai,
  'chat-null-choices': openai,
  'chat-comments': openai,
  'chat-cost-apart': { ...openai, costNanoUsd: 1_240_000 },
  'chat-cost-with-usage': { ...openai, costNanoUsd: 1_240_000 },
  'chat-claude': { ...openai, inputTokens: 21, cachedInputTokens: 0, outputTokens: 15 },
  'chat-qwen': { ...openai, inputTokens: 12, cachedInputTokens: 0, outputTokens: 58, reasoningTokens: 40 },
  'chat-usage-on-every-chunk': { ...openai, cachedInputTokens: 0, outputTokens: 13 },
  'chat-cut-between-events': null,
  'responses-text': responses,
  'responses-unnamed': responses,
  'responses-incomplete': responses,
  'responses-cost': { ...responses, costNanoUsd: 155_000 },
  'responses-failed': null,
  'responses-cut': null
}

for (const [name, usage] of Object.entries(expected)) {
  test(name, async t => {
    for (const asked of [false, true]) t.strictSame(relay(readerOf(name, asked), [fixture(name)]).reader.usage, usage)
  })
}

test('it is known before the terminal event is released', async t => {
  for (const name of ['chat-plain', 'chat-cost-apart', 'responses-text']) {
    const reader = readerOf(name)
    reader.push(fixture(name))
    t.ok(reader.terminal)
    t.ok(reader.usage)
  }
})

test('a caller who asked gets the account in a chunk that every SDK can read', async t => {
  for (const name of ['chat-plain', 'chat-null-choices', 'chat-cost-apart']) {
    const { all } = relay(readerOf(name, true), [fixture(name)])
    const last = JSON.parse(all.trim().split('\n\n').at(-2)?.slice(6) ?? '')
    t.strictSame(last.choices, [], name)
    t.ok(last.usage ?? last.meta, name)
  }
})

test('a chunk with choices stays, whatever else it carries', async t => {
  t.match(relay(readerOf('chat-claude'), [fixture('chat-claude')]).all, '"usage":{"prompt_tokens":21')
})
