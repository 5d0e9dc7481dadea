import fc from 'fast-check'
import t from 'tap'
import { canonicalObject } from '../../src/answers/canonical.ts'
import { fingerprint } from '../../src/answers/fingerprint.ts'
import { answerSecrets } from '../../src/answers/secrets.ts'
import { scan } from '../../src/openai/scan.ts'

const secret = answerSecrets('a secret of the test\'s own').fingerprint
const bounds = { maxDepth: 1000, maxTokens: 100_000 }

function of (body: string): string {
  return fingerprint(secret, { project: 'p', upstream: 'u', model: 'm', endpoint: 'chat.completions', beta: '', scanned: scan(Buffer.from(body), bounds) })
}

/** How Python's `json.dumps` writes by default. */
function asPythonWrites (json: string): string {
  return json.replace(/[^\x00-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const members = fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })

t.test('whitespace, the order of the top level and escapes do not matter', async t => {
  fc.assert(fc.property(members, fc.integer({ min: 0, max: 8 }), (body, indent) => {
    const reversed = Object.fromEntries(Object.entries(body).reverse())
    const plain = of(JSON.stringify(body))
    t.equal(of(JSON.stringify(reversed, null, indent)), plain)
    t.equal(of(asPythonWrites(JSON.stringify(body))), plain)
    t.equal(of(asPythonWrites(JSON.stringify(reversed, null, '\t')).replaceAll('/', '\\/')), plain)
  }))
})

t.test('nor does whether the answer is streamed', async t => {
  const plain = of('{"model":"m"}')
  t.equal(of('{"model":"m","stream":true}'), plain)
  t.equal(of('{"stream":false,"model":"m","stream_options":{"include_usage":true}}'), plain)
})

t.test('the canonical form is what JSON.stringify writes, with its keys sorted', async t => {
  fc.assert(fc.property(members, body => {
    const sorted = `{${Object.keys(body).sort().map(key => `${JSON.stringify(key)}:${JSON.stringify(body[key])}`).join(',')}}`
    const canonical = canonicalObject(scan(Buffer.from(asPythonWrites(JSON.stringify(body, null, 2))), bounds), new Set())
    t.equal(Buffer.from(canonical, 'latin1').toString(), sorted)
  }))
})

t.test('a fingerprint is 43 characters that fit any key or path', async t => {
  t.match(of('{}'), /^[A-Za-z0-9_-]{43}$/)
})
