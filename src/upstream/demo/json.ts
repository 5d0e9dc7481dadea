/** Readers of parsed JSON from outside: what has another type counts as absent. */

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject (value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectOf (value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function listOf (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function objectsOf (value: unknown): readonly JsonObject[] {
  return listOf(value).filter(isObject)
}

export function stringOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function numberOr (value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
