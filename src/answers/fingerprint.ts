import { createHmac } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Endpoint } from '../openai/call.ts'
import type { ScannedObject } from '../openai/scan.ts'
import { canonicalObject } from './canonical.ts'

/** Changes whenever the same request would get another fingerprint, so that old entries are never mistaken for new ones. */
const version = '1'

/** They decide how an answer is sent, not what it says: one entry serves both shapes. */
const shapeOnly: ReadonlySet<string> = new Set(['stream', 'stream_options'])

/** All that an answer depends on. */
export interface AnswerSubject {
  readonly project: string
  /** Where the call really goes, after aliases and fallbacks: another model's answer is another answer. */
  readonly upstream: string
  readonly model: string
  readonly endpoint: Endpoint
  /** The header `OpenAI-Beta`, or the empty string. */
  readonly beta: string
  readonly scanned: ScannedObject
}

/**
 * The name under which an answer is stored: HMAC-SHA256 of its subject, base64url, 43 characters. Under a secret, so that whoever
 * reads the store can neither guess a prompt nor name another project's entry.
 */
export function fingerprint (secret: KeyObject, { project, upstream, model, endpoint, beta, scanned }: AnswerSubject): string {
  return createHmac('sha256', secret)
    .update(prefixed(version) + prefixed(project) + prefixed(upstream) + prefixed(model) + prefixed(endpoint) + prefixed(beta))
    .update(canonicalObject(scanned, shapeOnly), 'latin1')
    .digest('base64url')
}

/** By its length, so that no two lists of parts run together into the same text. */
function prefixed (part: string): string {
  return `${part.length}:${part}`
}
