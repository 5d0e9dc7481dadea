import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { readCall } from '../../src/openai/call.ts'
import { splice, upstreamBody } from '../../src/openai/splice.ts'
import { holds } from './holds.ts'

const bounds = { maxDepth: Infinity, maxTokens: Infinity }

/** JSON text as no serializer of ours would write it: int64, odd spellings, duplicate keys below the top, `__proto__`, whitespace anywhere. */
const space = fc.constantFrom('', '', '', ' ', '\n', '\t \r\n')
const number = fc.oneof(fc.constantFrom('-0', '0.0', '1e3', '1E-7', '9007199254740993', '-9223372036854775808', '123456789012345678901234567890', '0.1000'), fc.bigInt().map(String))
const string = fc.oneof(
  fc.string({ unit: 'binary' }).map(text => JSON.stringify(text)),
  fc.constantFrom('"\\u0041\\/\\ud83d\\ude00"', '"\\ud800"', '"🚢 é"', '"\\"model\\":\\"x\\""', '"stream_options"', '"{\\"include_usage\\":false}"', '"\\\\"')
)
const key = fc.oneof(string, fc.constantFrom('"model"', '"stream_options"', '"include_usage"', '"__proto__"', '"constructor"', '"a"', '"\\u0061"'))

/** `plain` for what is to be parsed: Node 24's JSON.parse does not give the same value each time for keys that are there twice or escaped. */
function values (keys: 'any' | 'plain'): fc.Arbitrary<string> {
  const { value } = fc.letrec<{ value: string }>(again => {
    const member = fc.tuple(keys === 'any' ? key : key.filter(spelled => !spelled.includes('\\')), again('value'))
    const members = keys === 'any' ? fc.array(member) : fc.uniqueArray(member, { selector: ([spelled]) => spelled })
    return {
      value: fc.oneof({ depthSize: 'small' }, number, string, fc.constantFrom('true', 'false', 'null'),
        fc.tuple(space, fc.array(again('value'))).map(([s, items]) => `[${s}${items.join(`${s},${s}`)}${s}]`),
        fc.tuple(space, members).map(([s, pairs]) => `{${s}${pairs.map(([k, v]) => `${k}${s}:${s}${v}`).join(`,${s}`)}}`))
    }
  })
  return value
}

interface Body { readonly text: string, readonly streamOptions: string | null }

function bodies (value: fc.Arbitrary<string>): fc.Arbitrary<Body> {
  const streamOptions = fc.oneof(
    fc.constantFrom(null, 'null', '{}', '{ }', '{"include_usage":false}', '{"include_usage":null}', '{"include_usage":true}', '{"include\\u005fusage" : false}'),
    fc.tuple(space, value, value, fc.constantFrom('', ',"include_usage":false', ',"include_usage":true')).map(([s, a, b, asked]) => `{"x":${a},${s}"y":${s}${b}${asked}${s}}`)
  )
  const parts = fc.tuple(value, value, streamOptions, fc.boolean(), space, fc.constantFrom('model', '\\u006dod\\u0065l'), fc.nat(), fc.constantFrom('', '\ufeff'))
  return parts.map(([first, second, options, stream, s, model, order, mark]) => {
    const members = [`"${model}":${s}"gpt-\\u0034"`, `"messages"${s}:[${first}]`, `"other":${second}`, '"__proto__":{"constructor":null}']
    if (stream) members.push('"stream":true')
    if (options !== null) members.push(`"stream_options":${options}`)
    const turn = order % members.length
    return { text: `${mark}${s}{${s}${[...members.slice(turn), ...members.slice(0, turn)].join(`${s},`)}${s}}${s}`, streamOptions: options }
  })
}

test('the parsed body differs in the model and in include_usage, and in nothing else', async t => {
  holds(t, fc.property(bodies(values('plain')), fc.string({ minLength: 1 }), ({ text }, model) => {
    const sent = JSON.parse(upstreamBody(readCall('chat.completions', Buffer.from(text), bounds), model).toString())
    const expected = JSON.parse(text.replace(/^\ufeff/, ''))
    expected.model = model
    if (expected.stream === true) expected.stream_options = { ...expected.stream_options, include_usage: true }
    return isDeepStrictEqual(sent, expected)
  }), { numRuns: 500 })
})

test('every byte outside the splices is the caller\'s', async t => {
  holds(t, fc.property(bodies(values('any')), ({ text, streamOptions }) => {
    const call = readCall('chat.completions', Buffer.from(text), bounds)
    const sent = upstreamBody(call, 'upstream/model').toString()
    return candidates(text, streamOptions, call.stream && !call.includeUsage).includes(sent)
  }), { numRuns: 500 })
})

test('a body in which nothing changes is the very same buffer', async t => {
  for (const members of ['', ',"stream":false,"stream_options":{"include_usage":false}', ',"stream":true,"stream_options":{"include_usage":true}', ',"seed":9007199254740993']) {
    const bytes = Buffer.from(`{"model":"m","messages":[1]${members}}`)
    t.equal(upstreamBody(readCall('chat.completions', bytes, bounds), 'm'), bytes, members)
  }
  for (const endpoint of ['responses', 'embeddings'] as const) {
    const bytes = Buffer.from('{"model":"m","input":"x","stream":true,"stream_options":{"include_obfuscation":false}}')
    t.equal(upstreamBody(readCall(endpoint, bytes, bounds), 'm'), bytes, endpoint)
  }
})

test('edits are made in any order, inserts included', async t => {
  const edits = [{ start: 5, end: 5, text: 'é' }, { start: 1, end: 2, text: '' }, { start: 2, end: 4, text: 'XYZ' }, { start: 0, end: 0, text: '<' }]
  t.equal(splice(Buffer.from('abcde'), edits).toString(), '<aXYZeé')
})

/** The caller's text with the replacements made by plain string work: at the first `"gpt-\u0034"`, and in one of the ways to ask for usage. */
function candidates (text: string, options: string | null, asks: boolean): string[] {
  const renamed = text.replace(/^\ufeff/, '').replace(/"gpt-\\u0034"/, '"upstream/model"')
  if (!asks) return [renamed]
  if (options === null) return [renamed.replace(/\}(\s*)$/, ',"stream_options":{"include_usage":true}}$1')]
  const asking = options === 'null' ? ['{"include_usage":true}'] : askingIn(options)
  return asking.flatMap(wanted => placesOf(renamed, `"stream_options":${options}`).map(at => renamed.slice(0, at + 17) + wanted + renamed.slice(at + 17 + options.length)))
}

function askingIn (options: string): string[] {
  const inserted = options.replace(/\}$/, /^\{\s*\}$/.test(options) ? '"include_usage":true}' : ',"include_usage":true}')
  const replaced = placesOf(options, 'false').concat(placesOf(options, 'null')).map(at => options.slice(0, at) + 'true' + options.slice(at + (options[at] === 'f' ? 5 : 4)))
  return [inserted, ...replaced]
}

function placesOf (text: string, part: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) places.push(at)
  return places
}
