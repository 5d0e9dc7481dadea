import { isObject, parseObject } from './json.ts'
import { topLevelMember } from './tail-member.ts'

const shape = '"id"\\s*:\\s*"([\\w.:-]{1,256})"'
const atStart = new RegExp(`^\\s*\\{\\s*${shape}`)
const anywhere = new RegExp(shape)
/** Providers write the id first; what has it later is parsed whole. */
const headBytes = 1024

/** The id of a JSON answer (`resp_…`, `chatcmpl-…`), or null. */
export function idOfBody (body: Buffer): string | null {
  const id = atStart.exec(body.toString('latin1', 0, headBytes))?.[1]
  return id ?? parsedId(body)
}

/** The first id in the beginning of a stream: the answer's own in every event that begins one. Null as long as none came. */
export function idOfStreamStart (text: string): string | null {
  return anywhere.exec(text)?.[1] ?? null
}

/**
 * The conversation that a response belongs to, or null. Only the answer's own member counts: anything else of that name in it is what
 * a caller wrote.
 */
export function conversationOfBody (body: Buffer): string | null {
  return idOfConversation(topLevelMember(body, 'conversation'))
}

/** The same of the first event in the beginning of a stream of a response. Undefined as long as the event is not whole. */
export function conversationOfStreamStart (text: string): string | null | undefined {
  const data = /(?:^|[\r\n])data:([^\r\n]*)(?:\r?\n|\r)(?:\r?\n|\r)/.exec(text)?.[1]
  if (data === undefined) return undefined
  const response = parseObject(data)?.response
  return isObject(response) ? idOfConversation(response.conversation) : null
}

function idOfConversation (conversation: unknown): string | null {
  const id = isObject(conversation) ? conversation.id : conversation
  return typeof id === 'string' && id !== '' ? id : null
}

function parsedId (body: Buffer): string | null {
  try {
    const { id } = JSON.parse(body.toString()) as { id?: unknown }
    return typeof id === 'string' && id !== '' ? id : null
  } catch {
    return null
  }
}
