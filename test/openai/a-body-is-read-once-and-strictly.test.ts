import { test } from 'tap'
import { scan } from '../../src/openai/scan.ts'
import { refuses, wide } from './bounds.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

test('what JSON does not allow is refused', async t => {
  for (const text of [
    '', ' ', '{', '}', '{"a"}', '{"a":}', '{"a":1', '{"a":1,}', '{,}', '{"a" 1}', '{"a":1 "b":2}', '{"a":[1,]}', '{"a":[,1]}', '{"a":[1 2]}', '{"a":[1}', '{"a":{"b":1]}',
    '{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', "{'a':1}", '{a:1}', '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":1.}', '{"a":1e}', '{"a":1e+}', '{"a":-}', '{"a":0x10}',
    '{"a":tru}', '{"a":True}', '{"a":nul}', '{"a":undefined}', '{"a":1} x', '{"a":1}{}', '{"a":1}]', '{"a":"b', '{"a":"b\\"', '{"a":1}\0', '{"a"\v:1}', '{"a":1 /* c */}', 'nul', 'x', '[1', '"a'
  ]) refuses(t, () => scan(bytes(text), wide), { code: 'invalid_json' }, text)
})

test('the message says where', async t => {
  t.throws(() => scan(bytes('{"é":NaN}'), wide), { message: /offset 6/ })
  t.throws(() => scan(bytes('{"a":'), wide), { message: /ends too early/ })
})

test('a body that is JSON but no object is of the wrong type', async t => {
  for (const text of ['null', '[]', '[{"model":"a"}]', '"model"', '1', 'true', ' -1.5e3 ']) refuses(t, () => scan(bytes(text), wide), { code: 'invalid_type' }, text)
})

test('bytes that are not UTF-8 are refused, none is replaced', async t => {
  for (const hex of ['ff', 'c3', 'eda080', 'c0af', 'f8888080']) {
    const body = Buffer.concat([bytes('{"a":"'), Buffer.from(hex, 'hex'), bytes('"}')])
    refuses(t, () => scan(body, wide), { code: 'invalid_utf8' }, hex)
  }
  refuses(t, () => scan(Buffer.from('\ufeff{"a":1}', 'utf16le'), wide), { code: 'invalid_utf8' }, 'UTF-16')
})

test('members are found by byte offset, in their order', async t => {
  const text = ' {"model" : "gpt-ä" ,"x":[{"y":"]}"}, -1.5e+3],"__proto__":{"z":null},"":true,"n":0} '
  const { members, closing, body } = scan(bytes(text), wide)
  const seen = [...members.values()].map(({ key, start, end, kind }) => [key, body.toString('utf8', start, end), kind])
  t.strictSame(seen, [
    ['model', '"gpt-ä"', 'string'], ['x', '[{"y":"]}"}, -1.5e+3]', 'array'], ['__proto__', '{"z":null}', 'object'], ['', 'true', 'boolean'], ['n', '0', 'number']
  ])
  t.equal(members.get('model')?.keyStart, 2)
  t.equal(body.toString('utf8', closing), '} ')
})

test('a byte order mark counts as whitespace', async t => {
  const { members } = scan(bytes('\ufeff {"a":1}'), wide)
  t.equal(members.get('a')?.start, 9)
  refuses(t, () => scan(bytes('{"a":\ufeff1}'), wide), { code: 'invalid_json' }, 'inside')
})

test('a string ends at the first quote that is not escaped, near or far', async t => {
  for (const inner of ['', '\\"', '\\\\', '\\\\\\"', 'x'.repeat(31) + '\\"', 'x'.repeat(32) + '\\\\', 'x'.repeat(500) + '\\\\\\"', '\\\\'.repeat(100), '\\"'.repeat(100), 'x'.repeat(33) + '\\"' + 'y'.repeat(33)]) {
    const { members, body } = scan(bytes(`{"a":"${inner}","b":"${inner}"}`), wide)
    t.equal(body.toString('utf8', members.get('b')?.start, members.get('b')?.end), `"${inner}"`)
  }
})

test('depth and number of values are bounded, however large the body', async t => {
  const bounds = { maxDepth: 3, maxTokens: 6 }
  t.ok(scan(bytes('{"a":[[1]]}'), bounds))
  refuses(t, () => scan(bytes('{"a":[[[1]]]}'), bounds), { code: 'json_too_deep' }, 'depth 4')
  t.ok(scan(bytes('{"a":[1,2,3]}'), bounds), 'an object, a key, an array and three numbers')
  refuses(t, () => scan(bytes('{"a":[1,2,3,4]}'), bounds), { code: 'json_too_complex' }, 'seven values')
  for (const open of ['[', '{"a":']) {
    refuses(t, () => scan(bytes(open.repeat(500_000)), wide), { code: 'json_too_deep' }, `500,000 times ${open}`)
    refuses(t, () => scan(bytes(open.repeat(500_000)), { maxDepth: Infinity, maxTokens: Infinity }), { code: 'invalid_json' }, 'no recursion')
  }
  refuses(t, () => scan(bytes(`{"a":[${'{},'.repeat(350_000)}{}]}`), wide), { code: 'json_too_complex' }, '350,000 values')
  refuses(t, () => scan(bytes(`{${Array.from({ length: 90_000 }, (_, i) => `"${i}":0`).join()}}`), wide), { code: 'json_too_complex' }, '90,000 keys')
})

test('a top-level key that is there twice is refused, however it is spelled', async t => {
  for (const [text, param] of [
    ['{"model":"a","model":"b"}', 'model'], ['{"model":"a","mod\\u0065l":"b"}', 'model'], ['{"\\u006dodel":"a","model":"b"}', 'model'],
    ['{"é":1,"\\u00e9":2}', 'é'], ['{"a":1,"b":{},"a":null}', 'a'], ['{"__proto__":1,"__proto__":2}', '__proto__'], ['{"":1,"":2}', '']
  ] as const) refuses(t, () => scan(bytes(text), wide), { code: 'duplicate_key', param }, text)
  t.ok(scan(bytes('{"a":{"b":1,"b":2},"A":1,"\u00e1":2,"a\u0301":3}'), wide), 'below the top, and keys that only look alike')
})

test('a key that cannot be decoded is refused', async t => {
  for (const key of ['\\x61', '\\u00g0', 'a\tb', '\\']) refuses(t, () => scan(bytes(`{"${key}":1}`), wide), { code: 'invalid_json' }, key)
})
