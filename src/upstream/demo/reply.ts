import type { JsonObject } from './json.ts'
import type { Magic } from './magic.ts'
import { instanceOf } from './schema.ts'
import { demoTokens, firstTokens, hashOf, wordsFrom } from './text.ts'

/** What was asked, in the terms that chat completions and responses share. */
export interface Ask {
  readonly model: string
  readonly magic: Magic | null
  /** Every text the caller sent, joined by newlines: what the input tokens count and the answer depends on. */
  readonly prompt: string
  /** The last user message. */
  readonly question: string
  /** The caller has just delivered a tool's result: an answer is due, not another call. */
  readonly afterTool: boolean
  readonly seed: string
  readonly stop: readonly string[]
  /** Tokens; Infinity without a cap. */
  readonly maxTokens: number
  readonly format: Format
  readonly tools: readonly Tool[]
  readonly toolChoice: ToolChoice
  readonly parallelCalls: boolean
  readonly reasons: boolean
}

export type Format = { readonly type: 'text' | 'json_object' } | { readonly type: 'json_schema', readonly schema: unknown }
export type ToolChoice = 'none' | 'auto' | 'required' | { readonly name: string }

export interface Tool {
  readonly name: string
  /** JSON schema of the arguments. */
  readonly parameters: unknown
}

export interface ToolCall {
  readonly name: string
  /** JSON text. */
  readonly arguments: string
}

/** What the demo says to it: one choice of a chat completion, or one response. */
export interface Reply {
  readonly reasoning: string
  /** Empty when there are calls. */
  readonly text: string
  /** The text is a refusal. */
  readonly refused: boolean
  readonly calls: readonly ToolCall[]
  readonly finish: 'stop' | 'length' | 'tool_calls' | 'content_filter'
}

const refusal = "I'm sorry, but I can't help with that."
const thoughts = 'The caller wants an answer. Any words will do.'

/** Decides the reply from the ask alone: the same ask, seed and choice always get the same one. */
export function replyTo (ask: Ask, choice = 0): Reply {
  const hash = hashOf(ask.model, ask.seed, String(choice), ask.prompt)
  const reply = { reasoning: ask.reasons ? thoughts : '', ...wholeReply(ask, hash) }
  const half = Math.ceil(outputTokens(reply) / 2)
  switch (ask.magic?.name) {
    case 'demo-filter': return { ...capped(reply, half), finish: 'content_filter' }
    case 'demo-length': return capped(reply, half)
    default: return capped(reply, ask.maxTokens)
  }
}

/** A call counts as its arguments: names are free. */
export function outputTokens (reply: Reply): number {
  const calls = reply.calls.reduce((sum, call) => sum + demoTokens(call.arguments), 0)
  return demoTokens(reply.reasoning) + demoTokens(reply.text) + calls
}

function wholeReply (ask: Ask, hash: number): Omit<Reply, 'reasoning'> {
  if (ask.magic?.name === 'demo-refusal') return { text: refusal, refused: true, calls: [], finish: 'stop' }
  const calls = callsFor(ask, hash)
  if (calls.length > 0) return { text: '', refused: false, calls, finish: 'tool_calls' }
  return { text: beforeStop(ask, textFor(ask, hash)), refused: false, calls, finish: 'stop' }
}

/** The start of a reply: reasoning, then text, then arguments, until the tokens are spent. */
function capped (reply: Reply, tokens: number): Reply {
  if (outputTokens(reply) <= tokens) return reply
  let left = Math.max(0, Math.floor(tokens))
  const spend = (text: string): string => {
    const start = firstTokens(text, left)
    left -= demoTokens(start)
    return start
  }
  return {
    ...reply,
    reasoning: spend(reply.reasoning),
    text: spend(reply.text),
    calls: reply.calls.map(call => ({ ...call, arguments: spend(call.arguments) })),
    finish: 'length'
  }
}

function textFor (ask: Ask, hash: number): string {
  if (ask.magic?.name === 'demo-words') return wordsFrom(hash, Math.min(ask.magic.number, 100_000))
  if (ask.magic?.name === 'demo-big') return kibibytes(Math.min(ask.magic.number, 16_384))
  switch (ask.format.type) {
    case 'json_schema': return JSON.stringify(instanceOf(ask.format.schema, hash))
    case 'json_object': return JSON.stringify({ said: startOf(ask.question), answer: wordsFrom(hash, 12) })
    default: return `You said: "${startOf(ask.question)}". I am a demo without a model, so I answer: ${wordsFrom(hash, 12 + hash % 20)}.`
  }
}

function kibibytes (count: number): string {
  return 'The quick brown fox jumps over the lazy dog, 63 characters now. '.repeat(count * 16)
}

function startOf (question: string): string {
  return question.slice(0, 60).toWellFormed().replaceAll(/\s+/g, ' ')
}

function beforeStop (ask: Ask, text: string): string {
  const ends = ask.stop.map(stop => text.indexOf(stop)).filter(end => end >= 0)
  return ends.length > 0 ? text.slice(0, Math.min(...ends)) : text
}

function callsFor (ask: Ask, hash: number): readonly ToolCall[] {
  const chosen = ask.afterTool ? [] : toolsFor(ask)
  return (ask.parallelCalls ? chosen : chosen.slice(0, 1)).map(tool => ({
    name: tool.name,
    arguments: JSON.stringify(instanceOf(objectSchema(tool.parameters), hashOf(tool.name, String(hash))))
  }))
}

function toolsFor (ask: Ask): readonly Tool[] {
  const choice = ask.toolChoice
  if (choice === 'none') return []
  if (typeof choice === 'object') return ask.tools.filter(tool => tool.name === choice.name)
  const mentioned = ask.tools.filter(tool => mentions(ask.question.toLowerCase(), tool.name))
  return mentioned.length > 0 || choice === 'auto' ? mentioned : ask.tools.slice(0, 1)
}

/** A question mentions a tool by its name or by one of the name's longer words: "weather" for `get_weather`. */
function mentions (question: string, name: string): boolean {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/)
  return question.includes(name.toLowerCase()) || words.some(word => word.length > 3 && question.includes(word))
}

/** Arguments are always an object, whatever the tool says or leaves out. */
function objectSchema (parameters: unknown): JsonObject {
  return { ...(typeof parameters === 'object' ? parameters : {}), type: 'object' }
}
