/** Arbitrary answers as OpenAI's API gives them, for properties of what is stored and replayed. */
import fc from 'fast-check'

const text = fc.string({ unit: 'binary', maxLength: 40 })
const written = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
const identifier = fc.stringMatching(/^[a-z0-9]{12}$/)
const name = fc.stringMatching(/^[a-zA-Z_]{1,12}$/)
const count = fc.nat(100_000)
const toolArguments = fc.dictionary(name, fc.oneof(text, count, fc.boolean()), { maxKeys: 3 }).map(value => JSON.stringify(value))

/** Each of these members may be missing: some servers send them and some do not. */
const none = { requiredKeys: [] }

const logprobDetail = { token: text, logprob: fc.double({ min: -20, max: 0, noNaN: true }).map(Math.fround), bytes: fc.array(fc.nat(255), { maxLength: 4 }) }
const logprob = fc.record({ ...logprobDetail, top_logprobs: fc.array(fc.record(logprobDetail), { maxLength: 2 }) })
const someLogprobs = fc.array(logprob, { minLength: 1, maxLength: 3 })

// Chat completions

const functionCall = fc.record({ id: identifier.map(id => `call_${id}`), type: fc.constant('function'), function: fc.record({ name, arguments: toolArguments }) })
const customCall = fc.record({ id: identifier.map(id => `call_${id}`), type: fc.constant('custom'), custom: fc.record({ name, input: written }) })
const uniqueCalls = (call: fc.Arbitrary<{ readonly id: string }>) => fc.uniqueArray(call, { minLength: 1, maxLength: 3, selector: ({ id }) => id })
const chatAnnotation = fc.record({ type: fc.constant('url_citation'), url_citation: fc.record({ start_index: count, end_index: count, title: text, url: fc.webUrl() }) })

const commonMembers = fc.record({ refusal: fc.constant(null), annotations: fc.array(chatAnnotation, { maxLength: 2 }), reasoning_content: written }, none)
const finished = (reason: string) => fc.constant(reason)

const textChoice = (content: fc.Arbitrary<string>) => fc.record({
  message: fc.tuple(fc.record({ role: fc.constant('assistant'), content }), commonMembers).map(([required, common]) => ({ ...required, ...common })),
  logprobs: fc.option(fc.record({ content: someLogprobs, refusal: fc.constant(null) })),
  finish_reason: finished('stop')
})
const refusalChoice = fc.record({
  message: fc.record({ role: fc.constant('assistant'), content: fc.constant(null), refusal: written }),
  logprobs: fc.option(fc.record({ content: fc.constant(null), refusal: someLogprobs })),
  finish_reason: finished('stop')
})
const toolChoice = (call: fc.Arbitrary<{ readonly id: string }>) => fc.record({
  message: fc.record({ role: fc.constant('assistant'), content: fc.option(written), refusal: fc.constant(null), tool_calls: uniqueCalls(call) }),
  logprobs: fc.constant(null),
  finish_reason: finished('tool_calls')
})
const legacyCallChoice = fc.record({
  message: fc.record({ role: fc.constant('assistant'), content: fc.constant(null), function_call: fc.record({ name, arguments: toolArguments }) }),
  finish_reason: finished('function_call')
})

const chatUsage = fc.record({ prompt_tokens: count, completion_tokens: count, total_tokens: count, prompt_tokens_details: fc.record({ cached_tokens: count }) })

function completionOf (choice: fc.Arbitrary<object>): fc.Arbitrary<Record<string, unknown>> {
  const required = fc.record({
    id: identifier.map(id => `chatcmpl-${id}`),
    object: fc.constant('chat.completion'),
    created: count,
    model: name,
    choices: fc.array(choice, { minLength: 1, maxLength: 3 }).map(choices => choices.map((each, index) => ({ index, ...each }))),
    usage: chatUsage
  })
  const optional = fc.record({ system_fingerprint: fc.option(name), service_tier: fc.constant('default'), meta: fc.record({ usage: fc.record({ credits_used: count }) }) }, none)
  return fc.tuple(required, optional).map(([members, others]) => ({ ...members, ...others }))
}

/** Chat completions of kinds that every client library reads: openai-node 4 to 6 know no custom tools, and read an empty text as null. */
export const commonCompletions = completionOf(fc.oneof(textChoice(written), refusalChoice, toolChoice(functionCall)))

/** Chat completions of every kind: several choices, tool calls of both types, refusals, log probabilities, members beyond OpenAI's. */
export const chatCompletions = completionOf(fc.oneof(textChoice(text), refusalChoice, toolChoice(functionCall), toolChoice(customCall), legacyCallChoice))

// Responses

const completed = fc.constant('completed')
const urlAnnotation = fc.record({ type: fc.constant('url_citation'), start_index: count, end_index: count, title: text, url: fc.webUrl() })
const outputText = fc.record({ type: fc.constant('output_text'), text, annotations: fc.array(urlAnnotation, { maxLength: 2 }), logprobs: fc.oneof(fc.constant([]), someLogprobs) })
const refusalPart = fc.record({ type: fc.constant('refusal'), refusal: written })
const itemId = (prefix: string) => identifier.map(id => `${prefix}_${id}`)

const messageItem = fc.record({
  id: itemId('msg'),
  type: fc.constant('message'),
  status: completed,
  role: fc.constant('assistant'),
  content: fc.array(fc.oneof({ weight: 3, arbitrary: outputText }, { weight: 1, arbitrary: refusalPart }), { minLength: 1, maxLength: 3 })
})
const reasoningItem = fc.record({
  id: itemId('rs'),
  type: fc.constant('reasoning'),
  summary: fc.array(fc.record({ type: fc.constant('summary_text'), text: written }), { maxLength: 2 }),
  content: fc.array(fc.record({ type: fc.constant('reasoning_text'), text: written }), { minLength: 1, maxLength: 2 }),
  encrypted_content: fc.option(identifier)
}, { requiredKeys: ['id', 'type', 'summary'] })
const functionItem = fc.record({ id: itemId('fc'), type: fc.constant('function_call'), status: completed, call_id: itemId('call'), name, arguments: toolArguments })
const customItem = fc.record({ id: itemId('ctc'), type: fc.constant('custom_tool_call'), status: completed, call_id: itemId('call'), name, input: written })
const otherItem = fc.record({ id: itemId('cmp'), type: fc.constant('compaction'), encrypted_content: identifier })

const responseUsage = fc.record({
  input_tokens: count,
  input_tokens_details: fc.record({ cached_tokens: count }),
  output_tokens: count,
  output_tokens_details: fc.record({ reasoning_tokens: count }),
  total_tokens: count
})

function responseOf (item: fc.Arbitrary<{ readonly id: string }>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record({
    id: itemId('resp'),
    object: fc.constant('response'),
    created_at: count,
    completed_at: count,
    status: completed,
    error: fc.constant(null),
    incomplete_details: fc.constant(null),
    instructions: fc.constant(null),
    model: name,
    output: fc.uniqueArray(item, { minLength: 1, maxLength: 4, selector: ({ id }) => id }),
    parallel_tool_calls: fc.boolean(),
    temperature: fc.constant(1),
    tool_choice: fc.constant('auto'),
    tools: fc.constant([]),
    top_p: fc.constant(1),
    store: fc.constant(false),
    metadata: fc.constant({}),
    usage: responseUsage
  })
}

/** Responses whose items are all of kinds that every client library reads. */
export const commonResponses = responseOf(fc.oneof(messageItem, reasoningItem, functionItem, customItem))

/** Responses with items of every kind. */
export const responses = responseOf(fc.oneof(messageItem, reasoningItem, functionItem, customItem, otherItem))
