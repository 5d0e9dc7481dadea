import { createSecretKey, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** What reproducible answers are named and sealed with. The same on every replica, or replicas do not share answers. */
export interface AnswerSecrets {
  readonly fingerprint: KeyObject
  readonly seal: KeyObject
}

/** Derives them from the gateway's secret (HKDF-SHA256, RFC 5869): a key of its own for each purpose. */
export function answerSecrets (secret: string | Buffer): AnswerSecrets {
  const derived = (purpose: string): KeyObject => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `tollgate answers ${purpose}`, 32)))
  return { fingerprint: derived('fingerprint'), seal: derived('seal') }
}
