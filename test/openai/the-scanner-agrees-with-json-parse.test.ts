import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { GatewayError } from '../../src/openai/errors.ts'
import { scan } from '../../src/openai/scan.ts'
import { holds } from './holds.ts'

const unbounded = { maxDepth: Infinity, maxTokens: Infinity }

/** Text made of the pieces that JSON is made of, so that much of it is nearly JSON. */
const pieces = fc.constantFrom(
  '{', '}', '[', ']', ',', ':', '"', '"a"', '"b":', '{"c":', '1', '0', '-', '.', 'e', '+', '01', '-0', '1.5', '2E-3', 'true', 'false', 'null', 'nul', ' ', '\n', '\t', '\r', '\v', '\\', '\\"', '\\\\', 'é', '😀', '\ufeff', 'NaN', '//', 'x'
)
const nearlyJson = fc.oneof(
  fc.array(pieces, { maxLength: 6 }).map(parts => parts.join('')),
  fc.array(pieces, { maxLength: 4 }).map(parts => `{"a":[${parts.join('')}]}`),
  fc.array(pieces, { maxLength: 4 }).map(parts => `{"a":${parts.join('')}}`)
)
const spaces = fc.stringMatching(/^[ \t\r\n]{0,2}$/)

test('on nearly JSON', async t => {
  holds(t, fc.property(nearlyJson, agrees), { numRuns: 5000 })
})

test('on JSON that was damaged', async t => {
  const damaged = fc.tuple(fc.json(), fc.nat(), fc.nat(3), pieces).map(([json, at, removed, piece]) => {
    const text = `{"a":${json}}`
    const cut = at % (text.length + 1)
    return text.slice(0, cut) + piece + text.slice(cut + removed)
  })
  holds(t, fc.property(damaged, agrees), { numRuns: 5000 })
})

test('the members found are those that JSON.parse finds', async t => {
  holds(t, fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), spaces, (object, space) => {
    const text = JSON.stringify(object).replace(/^\{/, `{${space}`)
    const { members, body } = scan(Buffer.from(text), unbounded)
    const found = [...members.values()].map(({ key, start, end }) => [key, JSON.parse(body.toString('utf8', start, end))])
    return isDeepStrictEqual(found, Object.entries(JSON.parse(text)))
  }), { numRuns: 1000 })
})

/** What JSON.parse accepts, the scanner accepts; what the scanner accepts, JSON.parse accepts once the contents of strings are out of the question. */
function agrees (text: string): boolean {
  const outcome = outcomeOf(text)
  if (outcome === 'duplicate_key') return true
  const bare = text.replace(/^\ufeff/, '')
  const valid = isObject(bare)
  const validButForStrings = valid || isObject(withPlainStrings(bare))
  return outcome === 'accepted' ? validButForStrings : !valid
}

function outcomeOf (text: string): string {
  try {
    scan(Buffer.from(text), unbounded)
    return 'accepted'
  } catch (error) {
    return error instanceof GatewayError ? error.code : 'crashed'
  }
}

function isObject (text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

function withPlainStrings (text: string): string {
  return text.replace(/"(?:[^"\\]|\\[^])*"/g, '""')
}
