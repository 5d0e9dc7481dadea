import { post, postTo, validBody } from '../wire-case.ts'
import type { WireCase } from '../wire-case.ts'

const invalidValue = { status: 400, code: 'invalid_value' } as const
const invalidType = { status: 400, code: 'invalid_type' } as const
const missing = { status: 400, code: 'missing_required_parameter' } as const

/** A chat completion with one parameter set, as it is spelled. */
const chatWith = (param: string, value: string) => post(`${validBody.slice(0, -1)},"${param}":${value}}`)
const bad = (param: string, value: string, how: typeof invalidValue | typeof invalidType): WireCase => ({
  title: `${param}: ${value}`, send: chatWith(param, value), param, ...how
})
const good = (param: string, value: string): WireCase => ({ title: `${param}: ${value}`, send: chatWith(param, value), status: 200 })
const modelled = (model: string) => post(`{"model":${model},"messages":[{"role":"user","content":"Hi"}]}`)

/** Parameters that the gateway relies on. The failure names the one at fault. */
export const parameterCases: readonly WireCase[] = [
  ...['0', '-1', '129', '1000000000', '1.5', '1e400'].map(value => bad('n', value, invalidValue)),
  ...['"2"', 'true', '[]', '{}'].map(value => bad('n', value, invalidType)),
  ...['1', '2', '128', '1.0', '2e0', 'null'].map(value => good('n', value)),
  ...['max_tokens', 'max_completion_tokens'].flatMap(param => [
    ...['0', '-1', '1.5', '1000000000000', '1e400', '-1e400'].map(value => bad(param, value, invalidValue)),
    bad(param, '"100"', invalidType),
    good(param, '100'),
    good(param, 'null')
  ]),
  ...['"true"', '1', '[]'].map(value => bad('stream', value, invalidType)),
  bad('stream_options', '"yes"', invalidType),
  bad('temperature', '1e400', invalidValue),
  bad('temperature', '-1e400', invalidValue),
  ...['1.5', '9223372036854775808', '-9223372036854775809', '1e400'].map(value => bad('seed', value, invalidValue)),
  bad('seed', '"1"', invalidType),
  ...['0', '-0', '1.0', '1e3', '9007199254740993', '9223372036854775807', '-9223372036854775808'].map(value => good('seed', value)),
  good('a_parameter_of_tomorrow', '{"x":[1,2]}'),
  { title: 'no messages', send: post('{"model":"m"}'), param: 'messages', ...missing },
  { title: 'messages: null', send: post('{"model":"m","messages":null}'), param: 'messages', ...missing },
  { title: 'messages: []', send: post('{"model":"m","messages":[ ]}'), param: 'messages', ...invalidValue },
  { title: 'messages: "Hi"', send: post('{"model":"m","messages":"Hi"}'), param: 'messages', ...invalidType },
  { title: 'no model', send: post('{"messages":[{}]}'), param: 'model', ...missing },
  { title: 'model: null', send: modelled('null'), param: 'model', ...missing },
  { title: 'model: ""', send: modelled('""'), param: 'model', ...invalidValue },
  { title: 'model: 5', send: modelled('5'), param: 'model', ...invalidType },
  { title: 'a model name of 1 MB', send: modelled(`"${'a'.repeat(1_000_000)}"`), param: 'model', ...invalidValue },
  { title: 'a model name of 1 MB of escapes', send: modelled(`"${'\\u0061'.repeat(160_000)}"`), param: 'model', ...invalidValue },
  { title: 'a model name like a path is only a name', send: modelled('"../x"'), status: 200 },
  { title: 'no input for embeddings', send: postTo('/v1/embeddings', '{"model":"m"}'), param: 'input', ...missing },
  { title: 'max_output_tokens: -1 for responses', send: postTo('/v1/responses', '{"model":"m","input":"Hi","max_output_tokens":-1}'), param: 'max_output_tokens', ...invalidValue }
]
