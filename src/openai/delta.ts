import { isObject } from './json.ts'
import type { Json } from './json.ts'

/** An object under construction. */
type Unfinished = Record<string, unknown>

/** Strings that name a thing: a delta that repeats them repeats the name, it does not continue it. */
const names: ReadonlySet<string> = new Set(['id', 'type', 'name', 'role', 'format', 'object'])

/**
 * Joins a delta into what came before it: strings are continued, objects joined, array entries with the same `index` joined
 * and others appended. Null never replaces anything.
 */
export function mergeDelta (target: Unfinished, delta: Json): void {
  for (const [key, value] of ownMembers(delta)) {
    target[key] = merged(key, target[key], value)
  }
}

/** Takes over each member, unless it is null or empty and there is a value already. */
export function replaceUnlessEmpty (target: Unfinished, members: Json): void {
  for (const [key, value] of ownMembers(members)) {
    const empty = value === null || value === ''
    if (!empty || target[key] === undefined) target[key] = value
  }
}

/**
 * The objects in `target` to whose member `key` the text of a delta goes, once the delta has been merged into `target`. Null when
 * another delta that differs in nothing but this text would change more than the text.
 */
export function textHolders (target: Unfinished, delta: Json, key: string): readonly Unfinished[] | null {
  const holders: Unfinished[] = []
  for (const [name, value] of ownMembers(delta)) {
    const found = holdersOfMember(target, name, value, key)
    if (found === null) return null
    holders.push(...found)
  }
  return holders
}

function holdersOfMember (target: Unfinished, name: string, value: unknown, key: string): readonly Unfinished[] | null {
  if (typeof value === 'string') return name === key ? [target] : names.has(name) ? [] : null
  if (!Array.isArray(value)) return isObject(value) ? holdersIn(target[name], value, key) : []
  const [entry, another] = value
  if (entry === undefined) return []
  const before = target[name]
  return another === undefined && Array.isArray(before) ? holdersIn(withIndexOf(entry, before), entry, key) : null
}

function holdersIn (target: unknown, delta: Json, key: string): readonly Unfinished[] | null {
  return isObject(target) ? textHolders(target, delta, key) : null
}

function merged (key: string, before: unknown, value: unknown): unknown {
  if (before === undefined || before === null) return value
  if (value === null) return before
  if (typeof before === 'string' && typeof value === 'string') return names.has(key) ? value || before : before + value
  if (Array.isArray(before) && Array.isArray(value)) return mergedArray(before, value)
  if (!isObject(before) || !isObject(value)) return value
  mergeDelta(before, value)
  return before
}

/** Entries of one delta are never joined with one another. */
function mergedArray (before: unknown[], entries: readonly unknown[]): unknown[] {
  const appended: unknown[] = []
  for (const entry of entries) {
    const known = withIndexOf(entry, before)
    if (known === undefined) appended.push(entry)
    else mergeDelta(known, entry as Json)
  }
  for (const entry of appended) before.push(entry)
  return before
}

function withIndexOf (entry: unknown, candidates: readonly unknown[]): Json | undefined {
  if (!isObject(entry) || !Number.isSafeInteger(entry.index)) return undefined
  return candidates.filter(isObject).find(candidate => candidate.index === entry.index)
}

/** Without `__proto__`, which would not become a member but the object's prototype. */
function ownMembers (object: Json): ReadonlyArray<readonly [string, unknown]> {
  return Object.entries(object).filter(([key]) => key !== '__proto__')
}
