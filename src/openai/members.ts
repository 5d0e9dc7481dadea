import { GatewayError } from './errors.ts'
import { integerDigits } from './decimal.ts'
import type { Member, ScannedObject, ValueKind } from './scan.ts'
import { Scanner } from './scanner.ts'

/** The member, unless it is absent or null: OpenAI's API treats the two alike. */
export function given (scanned: ScannedObject, key: string): Member | undefined {
  const member = scanned.members.get(key)
  return member?.kind === 'null' ? undefined : member
}

/** A string member, decoded. Null when absent or null; throws `invalid_type` for another kind. */
export function stringOf (scanned: ScannedObject, key: string): string | null {
  const member = givenAs(scanned, key, 'string')
  return member === undefined ? null : decode(scanned, member)
}

/** A boolean member. Null when absent or null; throws `invalid_type` for another kind. */
export function booleanOf (scanned: ScannedObject, key: string): boolean | null {
  const member = givenAs(scanned, key, 'boolean')
  return member === undefined ? null : scanned.text.charCodeAt(member.start) === 0x74
}

/**
 * The digits of an integer member, whatever its size, in one spelling: `1e3` is `1000`, `1.0` is `1`, `-0` is `0`.
 * Null when absent or null; throws `invalid_type` for another kind and `invalid_value` for a number that is not whole.
 */
export function integerOf (scanned: ScannedObject, key: string): string | null {
  const member = givenAs(scanned, key, 'number')
  if (member === undefined) return null
  const digits = integerDigits(spelling(scanned, member))
  if (digits === null) throw new GatewayError('invalid_value', { param: key, message: `"${key}" must be an integer.` })
  return digits
}

/** An object member's own members. Null when absent or null; throws `invalid_type` for another kind and `duplicate_key`. */
export function objectOf (scanned: ScannedObject, key: string): ScannedObject | null {
  const member = givenAs(scanned, key, 'object')
  if (member === undefined) return null
  const scanner = new Scanner(scanned.text, member.start, { maxDepth: Infinity, maxTokens: Infinity })
  try {
    return { ...scanned, members: scanner.members(), closing: member.end - 1 }
  } catch (cause) {
    throw cause instanceof GatewayError && cause.param !== null ? new GatewayError('duplicate_key', { param: `${key}.${cause.param}` }) : cause
  }
}

/** A value's bytes as they stand in the body, as latin1. A copy of its own, so that it does not keep the whole body alive. */
export function spelling (scanned: ScannedObject, member: Member): string {
  return scanned.body.toString('latin1', member.start, member.end)
}

/** The same parameter of another kind than the gateway can read. */
export function wrongType (key: string, wanted: string): GatewayError {
  return new GatewayError('invalid_type', { param: key, message: `"${key}" must be ${wanted}.` })
}

function givenAs (scanned: ScannedObject, key: string, kind: ValueKind): Member | undefined {
  const member = given(scanned, key)
  if (member !== undefined && member.kind !== kind) throw wrongType(key, article[kind])
  return member
}

const article: Record<ValueKind, string> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  null: 'null'
}

function decode (scanned: ScannedObject, member: Member): string {
  const plain = scanned.body.toString('latin1', member.start + 1, member.end - 1)
  if (!/[^ -[\]-~]/.test(plain)) return plain
  try {
    return JSON.parse(scanned.body.toString('utf8', member.start, member.end))
  } catch {
    throw new GatewayError('invalid_json', { param: member.key, message: `"${member.key}" is not a valid JSON string.` })
  }
}
