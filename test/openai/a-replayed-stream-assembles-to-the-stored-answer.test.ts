import fc from 'fast-check'
import { test } from 'tap'
import { replay } from '../../src/openai/replay.ts'
import { chatCompletions, responses } from '../helpers/arbitrary-answers.ts'
import { assemble, cut } from './streams.ts'

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
  return JSON.parse(JSON.stringify(assemble(endpoint, cut(stream, [chunkBytes]))))
}
