import { integerDigits } from './decimal.ts'
import { parameterFault } from './parameter-fault.ts'
import type { Member, ScannedObject, ValueKind } from './scan.ts'
import { Scanner } from './scanner.ts'

/** Characters. SlicedString::kMinLength */
const SHORTEST_VIEW = 13
/** What was scanned once has already met the bounds. */
const withinBounds = { maxDepth: Infinity, maxTokens: Infinity }

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
  return member === undefined ? null : scanned.text[member.start] === 't'
}

/**
 * The digits of an integer member, whatever its size, in one spelling: `1e3` is `1000`, `1.0` is `1`, `-0` is `0`.
 * Null when absent or null; throws `invalid_type` for another kind and `invalid_value` for a number that is not whole.
 */
export function integerOf (scanned: ScannedObject, key: string): string | null {
  const member = givenAs(scanned, key, 'number')
  if (member === undefined) return null
  const digits = integerDigits(spelling(scanned, member))
  if (digits === null) throw parameterFault('invalid_value', scanned.path + key, 'must be an integer')
  return digits
}

/** An object member's own members. Null when absent or null; throws `invalid_type` for another kind and `duplicate_key`. */
export function objectOf (scanned: ScannedObject, key: string): ScannedObject | null {
  const member = givenAs(scanned, key, 'object')
  if (member === undefined) return null
  const path = `${scanned.path}${key}.`
  const members = new Scanner(scanned.text, member.start, withinBounds).members(path)
  return { ...scanned, path, members, closing: member.end - 1 }
}

/** A value's bytes as they stand in the body, as latin1. A copy of its own, so that it does not keep the whole body alive. */
export function spelling (scanned: ScannedObject, { start, end }: Member): string {
  return copyOf(scanned, start, end)
}

/** V8 copies what is short anyway; longer parts of a text are views of it. A native call costs as much as ten of the one. */
function copyOf ({ body, text }: ScannedObject, start: number, end: number): string {
  return end - start < SHORTEST_VIEW ? text.slice(start, end) : body.toString('latin1', start, end)
}

function givenAs (scanned: ScannedObject, key: string, kind: ValueKind): Member | undefined {
  const member = given(scanned, key)
  if (member !== undefined && member.kind !== kind) throw parameterFault('invalid_type', scanned.path + key, `must be ${article[kind]}`)
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
  const plain = copyOf(scanned, member.start + 1, member.end - 1)
  if (!/[^ -[\]-~]/.test(plain)) return plain
  try {
    return JSON.parse(scanned.body.toString('utf8', member.start, member.end))
  } catch {
    throw parameterFault('invalid_json', scanned.path + member.key, 'is not a valid JSON string')
  }
}
