import { isObject, parseObject } from './json.ts'
import type { Json } from './json.ts'

/** What an upstream says about its own failure, whichever shape it said it in. Not yet fit for a tenant's eyes. */
export interface UpstreamFault {
  readonly message: string | null
  readonly code: string | null
  readonly type: string | null
  readonly param: string | null
  /** The status that the body names. */
  readonly status: number | null
  /** The status that the message begins with (`400 Unable to access model`): that of a partner of the upstream. */
  readonly wrappedStatus: number | null
}

interface Issue {
  readonly path: string
  readonly text: string
}

/** AIMLAPI wraps the failures of its partners as `<status> <text or JSON>`. */
const WRAPPED = /^([45]\d\d)(?: status code)?[:\s]+(.*)$/s
const IDENTIFIER = /^[\w.-]{1,64}$/
const PARAMETER = /^[\w.[\]-]{1,128}$/
const MAX_ISSUE_DEPTH = 16

/**
 * Reads OpenAI's shape (`{"error":{message,type,param,code}}`) and AIMLAPI's three: `{"message","statusCode"}`, the same with a tree
 * of issues under `meta`, and a problem document with `title`, `message` and `error: {name, message}`.
 */
export function readFault (body: Json): UpstreamFault {
  const error = isObject(body.error) ? body.error : body
  const issue = firstIssue(body.meta, '', 0)
  const message = text(error.message) ?? text(body.error) ?? text(body.message) ?? text(body.title)
  const wrapped = WRAPPED.exec(message ?? '')
  const own = {
    message: issue === null ? message : `${message ?? 'Invalid input'}: ${issue.path}: ${issue.text}`,
    code: identifier(error.code),
    type: error.type === 'error' ? null : identifier(error.type),
    param: param(error.param) ?? param(issue?.path),
    status: status(error.code) ?? status(body.statusCode) ?? status(body.status),
    wrappedStatus: null
  }
  return wrapped === null ? own : unwrap(own, wrapped)
}

function unwrap (own: UpstreamFault, [, code = '', rest = '']: RegExpExecArray): UpstreamFault {
  const inner = parseObject(rest)
  if (inner === null) return { ...own, message: rest, wrappedStatus: Number(code) }
  const { message, type, param } = readFault(inner)
  return { ...own, message, type, param, wrappedStatus: Number(code) }
}

/** The first complaint in a tree of them: `{"messages":{"0":{"role":{"_errors":["…"]}}}}`. */
function firstIssue (node: unknown, path: string, depth: number): Issue | null {
  if (!isObject(node) || depth > MAX_ISSUE_DEPTH) return null
  const complaint = Array.isArray(node._errors) ? text(node._errors[0]) : null
  if (complaint !== null && path !== '') return { path, text: complaint }
  for (const [key, child] of Object.entries(node)) {
    const issue = firstIssue(child, join(path, key), depth + 1)
    if (issue !== null) return issue
  }
  return null
}

function join (path: string, key: string): string {
  if (/^\d+$/.test(key)) return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

function text (value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

function identifier (value: unknown): string | null {
  return typeof value === 'string' && IDENTIFIER.test(value) ? value : null
}

function param (value: unknown): string | null {
  return typeof value === 'string' && PARAMETER.test(value) ? value : null
}

function status (value: unknown): number | null {
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN
  return Number.isInteger(number) && number >= 400 && number <= 599 ? number : null
}
