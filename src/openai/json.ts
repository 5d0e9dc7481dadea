/** A parsed JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>

export function isObject (value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value when it is an object, else one without members. */
export function objectOrEmpty (value: unknown): Json {
  return isObject(value) ? value : {}
}

export function objectOrNull (value: unknown): Json | null {
  return isObject(value) ? value : null
}

/** The parsed object; null for anything that is not JSON or not an object. */
export function parseObject (text: string): Json | null {
  try {
    return objectOrNull(JSON.parse(text))
  } catch {
    return null
  }
}

/** The objects in a parsed array, without its other entries; none when the value is no array. */
export function objectsIn (value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
