import { mintAdminKey, mintKey } from '../../../src/keys/key.ts'
import { get, key, post } from '../wire-case.ts'
import type { WireCase } from '../wire-case.ts'

const challenge = { 'www-authenticate': 'Bearer' }
const missing = { status: 401, code: 'missing_api_key', headers: challenge } as const
const invalid = { status: 401, code: 'invalid_api_key', headers: challenge } as const

const authorized = (value: string) => get('/v1/models', `authorization: ${value}`)
/** A request without Authorization. */
const withOnly = (...lines: readonly string[]) => get('/v1/models', ...lines).replace(/authorization: .*\r\n/, '')

/** Where keys may stand, and how they may be written. */
export const keyCases: readonly WireCase[] = [
  { title: 'no key', send: withOnly(), ...missing },
  { title: 'no key, but a body of 3 MB', send: post('x'.repeat(3_000_000), 'authorization: '), ...invalid },
  { title: 'a key in the query as api_key', send: withOnly().replace('/v1/models', `/v1/models?api_key=${key}`), ...missing },
  { title: 'a key in the query as key', send: withOnly().replace('/v1/models', `/v1/models?key=${key}`), ...missing },
  { title: 'a key in the query beside a bad one in the header', send: get(`/v1/models?api_key=${key}`, 'authorization: Bearer nonsense'), ...invalid },
  { title: 'a key in a cookie', send: withOnly(`cookie: authorization=${key}`), ...missing },
  { title: 'Basic', send: authorized(`Basic ${Buffer.from(`user:${key}`).toString('base64')}`), ...invalid },
  { title: 'a key without a scheme', send: authorized(key), ...invalid },
  { title: 'Bearer without a key', send: authorized('Bearer '), ...invalid },
  { title: 'Bearer with two keys', send: authorized(`Bearer ${key} ${key}`), ...invalid },
  { title: 'Bearer with two keys and a comma', send: authorized(`Bearer ${key},Bearer ${key}`), ...invalid },
  { title: 'Bearer with 10 KB', send: authorized(`Bearer ${'a'.repeat(10_000)}`), ...invalid },
  { title: 'Bearer with 10 KB of spaces', send: authorized(`Bearer${' '.repeat(10_000)}x y`), ...invalid },
  { title: 'a key that is not ASCII', send: authorized('Bearer sk-tg_\xe9\xff'), ...invalid },
  { title: 'a key in quotes', send: authorized(`Bearer "${key}"`), ...invalid },
  { title: 'a key that is cut off', send: authorized(`Bearer ${key.slice(0, -1)}`), ...invalid },
  { title: 'a key with one letter changed', send: authorized(`Bearer ${key.slice(0, 20)}${key[20] === 'a' ? 'b' : 'a'}${key.slice(21)}`), ...invalid },
  { title: 'a key that nobody was given', send: authorized(`Bearer ${mintKey().token}`), ...invalid },
  { title: 'a key of OpenAI', send: authorized('Bearer sk-proj-abcdefghijklmnop'), ...invalid },
  { title: 'an admin key', send: authorized(`Bearer ${mintAdminKey().token}`), ...invalid },
  { title: 'a key that is followed by CRLF and a header', send: authorized(`Bearer ${key}\r\nx-injected: 1`), status: 200 },
  { title: 'a key with a bare LF in it', send: authorized(`Bearer ${key}\nx-injected: 1`), status: 400, code: 'bad_request', closes: true },
  { title: 'the scheme in lower case', send: authorized(`bearer ${key}`), status: 200 },
  { title: 'the scheme in upper case', send: authorized(`BEARER ${key}`), status: 200 },
  { title: 'spaces around the key', send: authorized(`Bearer    ${key}   `), status: 200 },
  { title: 'the header api-key, as SDKs of Azure send it', send: withOnly(`api-key: ${key}`), status: 200 },
  { title: 'an empty header api-key', send: withOnly('api-key: '), ...missing },
  { title: 'two headers api-key', send: withOnly(`api-key: ${key}`, `api-key: ${key}`), ...invalid },
  { title: 'a good api-key beside a bad Authorization', send: get('/v1/models', 'authorization: Bearer nonsense', `api-key: ${key}`), ...invalid },
  { title: 'an OpenAI-Organization that is not ours', send: get('/v1/models', 'openai-organization: org-1', 'openai-project: proj_1'), status: 200 }
]
