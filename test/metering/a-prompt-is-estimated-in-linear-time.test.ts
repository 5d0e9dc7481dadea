import { test } from 'tap'
import { countedTokens, roughTokens } from '../../src/metering/estimate.ts'
import { countO200k } from '../../src/metering/tokenizer.ts'
import { readCall } from '../../src/openai/call.ts'
import type { Call } from '../../src/openai/call.ts'

const bounds = { maxDepth: 128, maxTokens: 250_000 }

function callOf (content: unknown): Call {
  return readCall('chat.completions', Buffer.from(JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content }] })), bounds)
}

function count (call: Call, counter: (text: string) => number): number {
  const counting = countedTokens(call, counter)
  let step = counting.next()
  while (step.done !== true) step = counting.next()
  return step.value
}

test('the tokenizer never sees more than 2,048 characters at once', async t => {
  const lengths: number[] = []
  count(callOf('a'.repeat(100_000)), text => {
    lengths.push(text.length)
    return 1
  })
  t.ok(lengths.every(length => length <= 2048))
  t.equal(lengths.length, 49)
})

test('beyond 256 KB nothing is counted: four bytes are a token', async t => {
  const call = callOf('a'.repeat(300_000))
  t.equal(count(call, () => { throw new Error('counted') }), Math.ceil(call.body.length / 4))
})

test('files inside the prompt count the same whatever their size', async t => {
  const image = (bytes: number): Call => callOf([{ type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(bytes)}` } }])
  t.equal(roughTokens(image(10)), roughTokens(image(1_000_000)))
  t.equal(count(image(10), countO200k), count(image(1_000_000), countO200k))
  t.ok(roughTokens(image(10)) >= 1500)
})

test('the estimate by bytes is on the generous side of the count, for prose, code and Chinese', async t => {
  const texts = [
    'The quick brown fox jumps over the lazy dog, and nobody minds, for it is a fine day in the middle of November. '.repeat(20),
    'export function add (a: number, b: number): number {\n  return a + b\n}\n'.repeat(30),
    '网关在请求到达上游之前记录每一个请求,并在最后一个字节之后结算。'.repeat(30)
  ]
  for (const text of texts) {
    const call = callOf(text)
    const counted = count(call, countO200k)
    t.ok(roughTokens(call) >= counted, `${roughTokens(call)} >= ${counted}`)
  }
})

test('names of special tokens in a prompt are text', async t => {
  t.ok(countO200k('<|endoftext|>') >= 1)
})
