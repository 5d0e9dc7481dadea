import fc from 'fast-check'
import { test } from 'tap'
import { topLevelMember } from '../../src/openai/tail-member.ts'
import { usageOfBody } from '../../src/openai/usage.ts'
import { holds } from './holds.ts'

/** Texts and keys that look like what is searched for. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom('"usage":', '"usage"', '{"usage":{"prompt_tokens":1}}', 'usage', '\\', '"', '{', '}', '[', ']', ':', '"meta":{', ',', 'x'.repeat(300)), { maxLength: 8 }).map(parts => parts.join(''))
)
const key = fc.oneof(fc.constantFrom('usage', 'meta', '"usage', 'usage"', '\\"usage', 'a', 'b'), text)
const { value } = fc.letrec<{ value: unknown }>(again => ({
  value: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.constantFrom(null, true), fc.array(again('value'), { maxLength: 4 }), fc.dictionary(key, again('value'), { maxKeys: 4 }))
}))
const account = fc.oneof(fc.constantFrom({}, { prompt_tokens: 3, completion_tokens: 4 }, null, 7, 'x', []), value)
const filler = fc.constantFrom('', 'x'.repeat(900), 'x'.repeat(1100), '\\"usage\\":'.repeat(200))

const body = fc.tuple(fc.array(fc.tuple(key, value), { maxLength: 4 }), fc.array(fc.tuple(fc.constantFrom('usage', 'meta'), account), { maxLength: 2 }), fc.array(fc.tuple(key, value), { maxLength: 3 }), filler, fc.constantFrom(undefined, 1))
  .map(([before, accounts, after, fill, indent]) => JSON.stringify(Object.fromEntries([['fill', fill], ...before, ...accounts, ...after]), null, indent))

test('a member found at the end of the body is the one at the top', async t => {
  holds(t, fc.property(body, fc.constantFrom('usage', 'meta'), fc.constantFrom('', '\n'), (json, name, end) => {
    const found = topLevelMember(Buffer.from(json + end), name)
    return JSON.stringify(found) === JSON.stringify(JSON.parse(json)[name])
  }), { numRuns: 3000 })
})

test('usage of a body is the same, long or short, wherever it stands', async t => {
  const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 }
  const meta = { usage: { usd_spent: 0.5, credits_used: 1_000_000 } }
  const quoting = { index: 0, message: { role: 'assistant', content: 'Say {"usage":{"prompt_tokens":99,"completion_tokens":99}} and \\"usage": "meta" \\' }, finish_reason: 'stop' }
  const echo = [{ type: 'function', function: { name: 'f', parameters: { properties: { usage: { prompt_tokens: 1, completion_tokens: 1 }, meta: {} } } } }]
  for (const pad of ['', 'x'.repeat(2000)]) {
    for (const object of [
      { pad, choices: [quoting], usage, meta }, { usage, meta, choices: [quoting], pad }, { meta, pad, tools: echo, usage }, { usage, pad, tools: echo, meta }, { pad, usage, meta, tools: echo }, { pad, meta, metadata: { usage: '1' }, usage, service_tier: 'default' }
    ]) t.match(usageOfBody('chat.completions', Buffer.from(JSON.stringify(object))), { inputTokens: 10, outputTokens: 20, costNanoUsd: 500_000_000 }, Object.keys(object).join())
  }
})

test('a body without usage has none', async t => {
  for (const json of ['{"choices":[]}', '{"usage":null}', '{"usage":7}', '{"meta":{"usage":{"prompt_tokens":1,"completion_tokens":1}}}', '', 'null', '[]', '{"usage":{"prompt_tokens":1', '<html>"usage":{}</html>']) {
    for (const pad of ['', ' '.repeat(2000)]) t.equal(usageOfBody('chat.completions', Buffer.from(pad + json)), null, json)
  }
})

test('a body cut in two is not read for what it no longer says', async t => {
  const json = JSON.stringify({ choices: [{ message: { content: 'x'.repeat(2000) } }], usage: { prompt_tokens: 1, completion_tokens: 2 } })
  for (let end = 0; end < json.length; end += 7) t.equal(usageOfBody('chat.completions', Buffer.from(json.slice(0, end))), null)
})
