import { key, post, postTo, validBody } from '../wire-case.ts'
import type { WireCase } from '../wire-case.ts'

const invalidJson = { status: 400, code: 'invalid_json' } as const
const invalidType = { status: 400, code: 'invalid_type' } as const

/** The valid body with further members. */
const plus = (members: string) => post(`${validBody.slice(0, -1)},${members}}`)
const nested = (open: string, depth: number, close: string) => plus(`"deep":${open.repeat(depth)}${close.repeat(depth)}`)
const bytes = (...parts: ReadonlyArray<string | readonly number[]>) => Buffer.concat(parts.map(part => Buffer.from(part as string)))
const manyKeys = Array.from({ length: 150_000 }, (_, index) => `"k${index}":1`).join(',')

/** What two parsers could read differently is refused; what only the provider can judge goes through. */
export const bodyCases: readonly WireCase[] = [
  { title: '100,000 objects in each other', send: nested('{"a":', 100_000, '}'), status: 400, code: 'json_too_deep' },
  { title: '500,000 arrays in each other', send: nested('[', 500_000, ']'), status: 400, code: 'json_too_deep' },
  { title: 'one array more than is allowed', send: nested('[', 128, ']'), status: 400, code: 'json_too_deep' },
  { title: 'as many arrays as are allowed', send: nested('[', 127, ']'), status: 200 },
  { title: 'a mebibyte of empty objects', send: plus(`"many":[${'{},'.repeat(350_000)}{}]`), status: 400, code: 'json_too_complex' },
  { title: '150,000 different keys', send: plus(`"keys":{${manyKeys}}`), status: 400, code: 'json_too_complex' },
  { title: '100,000 messages', send: post(`{"model":"m","messages":[${'{"role":"user","content":"a"},'.repeat(100_000)}{}]}`), status: 400, code: 'json_too_complex' },
  { title: 'a key twice', send: plus('"model":"other"'), status: 400, code: 'duplicate_key', param: 'model' },
  { title: 'a key twice, once spelled with escapes', send: plus('"\\u006dodel":"other"'), status: 400, code: 'duplicate_key', param: 'model' },
  { title: 'a key twice that means nothing to the gateway', send: plus('"foo":1,"foo":2'), status: 400, code: 'duplicate_key', param: 'foo' },
  { title: 'a key twice inside stream_options, which the gateway reads', send: plus('"stream_options":{"include_usage":true,"include_usage":false}'), status: 400, code: 'duplicate_key', param: 'stream_options.include_usage' },
  { title: 'a key twice deeper inside is for the provider to judge', send: plus('"metadata":{"a":1,"a":2}'), status: 200 },
  { title: 'NaN', send: plus('"temperature":NaN'), ...invalidJson },
  { title: 'Infinity', send: plus('"temperature":-Infinity'), ...invalidJson },
  { title: 'a trailing comma', send: post('{"model":"m",}'), ...invalidJson },
  { title: 'single quotes', send: post("{'model':'m'}"), ...invalidJson },
  { title: 'a comment', send: post(`${validBody}// done`), ...invalidJson },
  { title: 'a number with a leading zero', send: plus('"temperature":01'), ...invalidJson },
  { title: 'a number with a plus sign', send: plus('"temperature":+1'), ...invalidJson },
  { title: 'a hexadecimal number', send: plus('"temperature":0x1'), ...invalidJson },
  { title: 'two values', send: post(`${validBody}${validBody}`), ...invalidJson },
  { title: 'an empty body', send: post(''), ...invalidJson },
  { title: 'only spaces', send: post('   '), ...invalidJson },
  { title: 'a body that is cut off', send: post(validBody.slice(0, -3)), ...invalidJson },
  { title: 'a string that never ends', send: post('{"model":"m'), ...invalidJson },
  { title: 'a byte order mark is dropped', send: post(bytes([0xef, 0xbb, 0xbf], validBody)), status: 200 },
  { title: 'UTF-16 with a byte order mark', send: post(Buffer.from(`\ufeff${validBody}`, 'utf16le')), status: 400, code: 'invalid_utf8' },
  { title: 'UTF-16 without a byte order mark', send: post(Buffer.from(validBody, 'utf16le')), ...invalidJson },
  { title: 'bytes that are not UTF-8', send: post(bytes('{"model":"m","messages":[{"role":"user","content":"', [0xff, 0xfe], '"}]}')), status: 400, code: 'invalid_utf8' },
  { title: 'a character that is cut off', send: post(bytes('{"model":"m","messages":[{"role":"user","content":"', [0xe2, 0x82], '"}]}')), status: 400, code: 'invalid_utf8' },
  { title: 'an overlong character', send: post(bytes('{"model":"m","messages":[{"role":"user","content":"', [0xc0, 0xaf], '"}]}')), status: 400, code: 'invalid_utf8' },
  { title: 'half a surrogate pair in a prompt is for the provider to judge', send: post('{"model":"m","messages":[{"role":"user","content":"\\ud800"}]}'), status: 200 },
  { title: 'half a surrogate pair in a model name', send: post('{"model":"\\ud800","messages":[{}]}'), status: 404, code: 'model_not_found', param: 'model' },
  { title: 'NUL in a prompt', send: post('{"model":"m","messages":[{"role":"user","content":"a\\u0000b"}],"user":"\\u0000"}'), status: 200 },
  { title: 'NUL in a model name', send: post('{"model":"a\\u0000b","messages":[{}]}'), status: 404, code: 'model_not_found', param: 'model' },
  ...['null', '[]', `[${validBody}]`, '"text"', '1', 'true'].map(body => ({ title: `${body.slice(0, 10)} instead of an object`, send: post(body), ...invalidType })),
  { title: 'not JSON where the gateway needs nothing of it', send: postTo('/v1/responses/input_tokens', 'nonsense'), ...invalidJson },
  { title: 'an array where the gateway needs nothing of it', send: postTo('/v1/responses/input_tokens', '[]'), ...invalidType },
  { title: 'members named like members of every object', send: plus('"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1'), status: 200 },
  { title: 'the key as the user and as the prompt', send: post(`{"model":"m","user":"${key}","messages":[{"role":"user","content":"${key}"}]}`), status: 200 },
  { title: 'the key as the model', send: post(`{"model":"${key}","messages":[{}]}`), status: 404, code: 'model_not_found', param: 'model' }
]
