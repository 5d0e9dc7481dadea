import fc from 'fast-check'
import { test } from 'tap'
import { Assembler } from '../../src/openai/assemble.ts'
import { replay } from '../../src/openai/replay.ts'
import { chatCompletions, responses } from '../helpers/arbitrary-answers.ts'

for (const [endpoint, answers] of [['chat.completions', chatCompletions], ['responses', responses]] as const) {
  test(`${endpoint}: what is replayed is what was stored, however the bytes are cut`, async t => {
    fc.assert(fc.property(answers, fc.boolean(), fc.integer({ min: 1, max: 100 }), (answer, includeUsage, chunkBytes) => {
      const stream = replay(endpoint, Buffer.from(JSON.stringify(answer)), includeUsage)
      const { usage, ...withoutUsage } = answer
      const expected = includeUsage || endpoint === 'responses' ? answer : withoutUsage
      t.strictSame(assembled(endpoint, stream, chunkBytes), JSON.parse(JSON.stringify(expected)))
    }))
  })

  test(`${endpoint}: a replay is the same bytes every time`, async t => {
    fc.assert(fc.property(answers, answer => {
      const stored = Buffer.from(JSON.stringify(answer))
      t.ok(replay(endpoint, stored, true).equals(replay(endpoint, stored, true)))
    }), { numRuns: 20 })
  })
}

function assembled (endpoint: 'chat.completions' | 'responses', stream: Buffer, chunkBytes: number): unknown {
  const assembler = new Assembler(endpoint, Infinity)
  for (let at = 0; at < stream.length; at += chunkBytes) assembler.push(stream.subarray(at, at + chunkBytes))
  return JSON.parse(JSON.stringify(assembler.finish()))
}
