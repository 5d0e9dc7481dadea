/**
 * Keys: `sk-tg_<id>_<secret>_<checksum>`, and `sk-tgadmin_…` for the operator listener.
 *
 * The id is public and finds the record; the secret has 190 bits; the checksum (CRC-32 of everything before it) tells a typo
 * from a wrong key without asking the store, and the fixed prefix lets secret scanners find leaked keys.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { randomBase62, toBase62 } from './base62.ts'

const prefix = 'sk-tg_'
const adminPrefix = 'sk-tgadmin_'
const idLength = 12
const secretLength = 32
const checksumLength = 6
const afterPrefix = idLength + 1 + secretLength + 1 + checksumLength
const bodyShape = /^[0-9A-Za-z]{12}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/

/** A token of the right shape and checksum. It says nothing about whether such a key exists. */
export interface ParsedKey {
  readonly id: string
  readonly token: string
}

/** Why a token cannot be a key, as far as its text alone can tell. */
export interface KeyFault {
  readonly fault: 'openai_key' | 'admin_key' | 'project_key' | 'wrong_checksum' | 'not_a_key'
  /** A sentence for the caller. Never holds any of the token. */
  readonly message: string
}

const faults = {
  openaiKey: {
    fault: 'openai_key',
    message: 'This looks like a key of OpenAI or another provider. Use a key of this gateway: it begins with "sk-tg_".'
  },
  adminKey: {
    fault: 'admin_key',
    message: 'This is an admin key. It works for the admin API only; use a key that begins with "sk-tg_".'
  },
  projectKey: {
    fault: 'project_key',
    message: 'This is a key of a project. The admin API needs an admin key: it begins with "sk-tgadmin_".'
  },
  wrongChecksum: {
    fault: 'wrong_checksum',
    message: 'The API key is mistyped or cut off: its checksum does not match.'
  },
  notAKey: {
    fault: 'not_a_key',
    message: 'This is not an API key. A key of this gateway begins with "sk-tg_".'
  }
} as const satisfies Record<string, KeyFault>

/** A new key for a project. Show the token once; store only its digest. */
export function mintKey (): ParsedKey {
  return mint(prefix)
}

/** A new key for the admin API. */
export function mintAdminKey (): ParsedKey {
  return mint(adminPrefix)
}

/** Reads a project's key, or says what the token is instead. Never throws; the work does not grow with the token. */
export function parseKey (token: string): ParsedKey | KeyFault {
  if (token.startsWith(prefix)) return parseBody(token, prefix)
  if (token.startsWith(adminPrefix)) return faults.adminKey
  return token.startsWith('sk-') ? faults.openaiKey : faults.notAKey
}

/** Reads an admin key, or says what the token is instead. */
export function parseAdminKey (token: string): ParsedKey | KeyFault {
  if (token.startsWith(adminPrefix)) return parseBody(token, adminPrefix)
  if (token.startsWith(prefix)) return faults.projectKey
  return token.startsWith('sk-') ? faults.openaiKey : faults.notAKey
}

/**
 * The id under which an admin key is stored: its own, or for a secret that the operator made up, one that follows from its digest.
 */
export function adminKeyId (token: string, pepper: string | Buffer): string {
  const parsed = parseAdminKey(token)
  return isKeyFault(parsed) ? `given_${digestKey(token, pepper).toString('hex', 0, 6)}` : parsed.id
}

export function isKeyFault (parsed: ParsedKey | KeyFault): parsed is KeyFault {
  return 'fault' in parsed
}

/** What is stored of a key: HMAC-SHA256 under the pepper, 32 bytes. A fast hash is right, because the secret is random. */
export function digestKey (token: string, pepper: string | Buffer): Buffer {
  return createHmac('sha256', pepper).update(token).digest()
}

/** A token without a secret's cost: for the memory of a process only, never stored. A quarter of `digestKey`'s time (1 µs of 4). */
export function fingerprintKey (token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/** Compares two digests in constant time. */
export function sameDigest (one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** What people and logs may see of a key: prefix, the first four characters of the id, the last four of all. Of any other text: nothing. */
export function redactKey (token: string): string {
  const start = [prefix, adminPrefix].find(start => token.startsWith(start) && token.length === start.length + afterPrefix)
  return start === undefined ? '…' : `${token.slice(0, start.length + 4)}…${token.slice(-4)}`
}

function mint (start: string): ParsedKey {
  const id = randomBase62(idLength)
  const unchecked = `${start}${id}_${randomBase62(secretLength)}_`
  return { id, token: unchecked + checksum(unchecked) }
}

function parseBody (token: string, start: string): ParsedKey | KeyFault {
  if (token.length !== start.length + afterPrefix) return faults.wrongChecksum
  if (!bodyShape.test(token.slice(start.length))) return faults.wrongChecksum
  if (checksum(token.slice(0, -checksumLength)) !== token.slice(-checksumLength)) return faults.wrongChecksum
  return { id: token.slice(start.length, start.length + idLength), token }
}

function checksum (text: string): string {
  return toBase62(crc32(text), checksumLength)
}
