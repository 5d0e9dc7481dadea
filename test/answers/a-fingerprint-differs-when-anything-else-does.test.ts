import fc from 'fast-check'
import t from 'tap'
import { fingerprint } from '../../src/answers/fingerprint.ts'
import type { AnswerSubject } from '../../src/answers/fingerprint.ts'
import { answerSecrets } from '../../src/answers/secrets.ts'
import { scan } from '../../src/openai/scan.ts'

const secret = answerSecrets('a secret of the test\'s own').fingerprint
const bounds = { maxDepth: 1000, maxTokens: 100_000 }

function of (body: string, other: Partial<AnswerSubject> = {}): string {
  const scanned = scan(Buffer.from(body), bounds)
  return fingerprint(secret, { project: 'p', upstream: 'u', model: 'm', endpoint: 'chat.completions', beta: '', scanned, ...other })
}

const different: ReadonlyArray<readonly [string, string, string]> = [
  ['seeds beyond 2^53', '{"seed":9007199254740992}', '{"seed":9007199254740993}'],
  ['the largest seeds', '{"seed":9223372036854775806}', '{"seed":9223372036854775807}'],
  ['the spelling of a number', '{"temperature":1}', '{"temperature":1.0}'],
  ['null and absent', '{"model":"m","stop":null}', '{"model":"m"}'],
  ['the order inside a schema', '{"tools":[{"a":1,"b":2}]}', '{"tools":[{"b":2,"a":1}]}'],
  ['the order of a list', '{"stop":["a","b"]}', '{"stop":["b","a"]}'],
  ['whitespace inside a string', '{"prompt":"a b"}', '{"prompt":"a  b"}'],
  ['a quote that ends a string and one that does not', '{"a":"x\\",\\"b\\":\\"y"}', '{"a":"x","b":"y"}'],
  ['a backslash before the end', '{"a":"\\\\","b":" "}', '{"a":"\\\\\\" ,\\"b\\":\\" "}'],
  ['lone surrogates', '{"a":"\\ud800"}', '{"a":"\\ud801"}'],
  ['a lone surrogate and what stands in for it', '{"a":"\\ud800"}', '{"a":"\ufffd"}'],
  ['a string that is no valid JSON and one that is', '{"a":"\\q\\u0041"}', '{"a":"qA"}'],
  ['a number and its digits', '{"a":1}', '{"a":"1"}'],
  ['composed and decomposed letters', '{"a":"\u00e9"}', '{"a":"e\u0301"}']
]

for (const [what, one, other] of different) {
  t.test(what, async t => { t.not(of(one), of(other)) })
}

t.test('who asks, for what, where it goes and under which beta', async t => {
  const variants = [{}, { project: 'q' }, { upstream: 'v' }, { model: 'n' }, { endpoint: 'responses' }, { beta: 'responses_multi_agent=v1' }] as const
  const all = variants.map(variant => of('{}', variant))
  t.equal(new Set(all).size, all.length)
})

t.test('parts never run together', async t => {
  t.not(of('{}', { project: 'ab', upstream: 'c' }), of('{}', { project: 'a', upstream: 'bc' }))
  t.not(of('{}', { project: 'a1:b', upstream: '' }), of('{}', { project: 'a', upstream: 'b' }))
  fc.assert(fc.property(fc.array(fc.string(), { minLength: 3, maxLength: 3 }), fc.array(fc.string(), { minLength: 3, maxLength: 3 }), (one, other) => {
    const [a, b] = [one, other].map(([project = '', upstream = '', model = '']) => of('{}', { project, upstream, model }))
    t.equal(a === b, JSON.stringify(one) === JSON.stringify(other))
  }))
})

t.test('the secret: nobody without it can tell which prompt an entry answers', async t => {
  const scanned = scan(Buffer.from('{}'), bounds)
  const subject = { project: 'p', upstream: 'u', model: 'm', endpoint: 'chat.completions', beta: '', scanned } as const
  t.not(fingerprint(answerSecrets('another secret').fingerprint, subject), fingerprint(secret, subject))
})

t.test('any two bodies that a JSON parser tells apart', async t => {
  const body = fc.dictionary(fc.string({ unit: 'binary', maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  fc.assert(fc.property(body, body, (one, other) => {
    const canonical = (value: object): string => JSON.stringify(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
    t.equal(of(JSON.stringify(one)) === of(JSON.stringify(other)), canonical(one) === canonical(other))
  }))
})
