import { isObject, listOf, numberOr, objectOf, objectsOf, stringOf, type JsonObject } from './json.ts'
import { numbersFrom, wordsFrom } from './text.ts'

/** Below this depth only what a schema demands is generated, so that recursive schemas end. */
const generousDepth = 5
/** A schema that demands more values, or deeper ones, is not worth obeying: the rest is null. */
const mostValues = 10_000
const deepest = 64
/** Bounds of one array and one string, whatever `minItems` and `minLength` demand. */
const mostItems = 1_000
const mostCharacters = 10_000

/**
 * A value that is valid under a JSON schema, the same for the same schema and hash.
 * Knows what structured outputs and tool parameters use: objects, arrays, enums, bounds, formats, `$ref`, `anyOf`,
 * `oneOf`, `allOf`, nullable types. Not `pattern`, `not` and conditions.
 */
export function instanceOf (schema: unknown, hash: number): unknown {
  return new Instances(objectOf(schema), hash).make(schema, 0)
}

class Instances {
  readonly #root: JsonObject
  readonly #next: () => number
  #made = 0

  constructor (root: JsonObject, hash: number) {
    this.#root = root
    this.#next = numbersFrom(hash)
  }

  make (schema: unknown, depth: number): unknown {
    if (!isObject(schema)) return this.#words(1)
    if (depth > deepest || ++this.#made > mostValues) return null
    if (typeof schema.$ref === 'string') return this.make(this.#resolve(schema.$ref), depth + 1)
    if ('const' in schema) return schema.const
    if (Array.isArray(schema.enum)) return this.#pick(schema.enum)
    if (Array.isArray(schema.allOf)) return this.#allOf(schema, objectsOf(schema.allOf), depth)
    const union = schema.anyOf ?? schema.oneOf
    if (Array.isArray(union)) return this.#oneOf(schema, union, depth)
    return this.#byType(schema, depth)
  }

  #allOf (schema: JsonObject, parts: readonly JsonObject[], depth: number): unknown {
    const plain = parts.map(part => typeof part.$ref === 'string' ? objectOf(this.#resolve(part.$ref)) : part)
    return this.make(merged(schema, 'allOf', plain), depth + 1)
  }

  #oneOf (schema: JsonObject, options: readonly unknown[], depth: number): unknown {
    const chosen = depth > generousDepth ? options.find(isLeaf) ?? options.at(-1) : options[0]
    const keyword = 'anyOf' in schema ? 'anyOf' : 'oneOf'
    return this.make(merged(schema, keyword, isObject(chosen) ? [chosen] : []), depth + 1)
  }

  #byType (schema: JsonObject, depth: number): unknown {
    switch (typeOf(schema, depth > generousDepth)) {
      case 'object': return this.#object(schema, depth)
      case 'array': return this.#array(schema, depth)
      case 'integer': return this.#number(schema, 1)
      case 'number': return this.#number(schema, 0.5)
      case 'boolean': return this.#next() % 2 === 0
      case 'null': return null
      default: return this.#string(schema)
    }
  }

  #object (schema: JsonObject, depth: number): JsonObject {
    const required = new Set(listOf(schema.required))
    const entries: Array<[string, unknown]> = []
    for (const [name, property] of Object.entries(objectOf(schema.properties))) {
      if (required.has(name) || depth < generousDepth) entries.push([name, this.make(property, depth + 1)])
    }
    // fromEntries defines, where an assignment to `__proto__` would not.
    return Object.fromEntries(entries)
  }

  #array (schema: JsonObject, depth: number): readonly unknown[] {
    const fixed = listOf(schema.prefixItems)
    const least = numberOr(schema.minItems, 0)
    const wanted = depth > generousDepth ? least : Math.max(least, fixed.length, 2)
    const count = Math.min(wanted, numberOr(schema.maxItems, wanted), mostItems)
    if (schema.uniqueItems === true) return this.#distinct(schema.items, count, depth)
    return Array.from({ length: count }, (_, i) => this.make(i < fixed.length ? fixed[i] : schema.items, depth + 1))
  }

  /** Tries often enough to meet a small enum's every value; fewer distinct ones may exist than were wanted. */
  #distinct (items: unknown, count: number, depth: number): readonly unknown[] {
    const found = new Map<string, unknown>()
    for (let attempt = 0; attempt < count * 16 && found.size < count; attempt++) {
      const item = this.make(items, depth + 1)
      found.set(JSON.stringify(item), item)
    }
    return [...found.values()]
  }

  #number (schema: JsonObject, grain: number): number {
    const step = numberOr(schema.multipleOf, grain)
    const least = Math.max(numberOr(schema.minimum, -Infinity), numberOr(schema.exclusiveMinimum, -Infinity))
    const most = Math.min(numberOr(schema.maximum, Infinity), numberOr(schema.exclusiveMaximum, Infinity))
    const from = least === -Infinity ? Math.min(0, most === Infinity ? 0 : most - 100 * step) : least
    const to = Math.min(most, from + 100 * step)
    const value = Math.ceil((from + (this.#next() / 2 ** 32) * (to - from)) / step) * step
    return [value, value - step, Math.ceil(from / step) * step, (from + to) / 2].find(n => isWithin(schema, n)) ?? from
  }

  #string (schema: JsonObject): string {
    const formatted = this.#formatted(stringOf(schema.format))
    if (formatted !== null) return formatted
    // Lengths are in code points, not in the units of JavaScript (RFC 8259, JSON Schema Validation section 6.3).
    const characters = [...this.#words(2)]
    const missing = Math.min(numberOr(schema.minLength, 0), mostCharacters) - characters.length
    if (missing > 0) characters.push('.'.repeat(missing))
    return characters.slice(0, numberOr(schema.maxLength, Infinity)).join('')
  }

  #formatted (format: string): string | null {
    const day = String(this.#next() % 28 + 1).padStart(2, '0')
    switch (format) {
      case 'date': return `2026-11-${day}`
      case 'time': return `12:30:${day}Z`
      case 'date-time': return `2026-11-${day}T12:30:00Z`
      case 'duration': return `PT${day}M`
      case 'email': return `demo${day}@example.com`
      case 'hostname': return `demo${day}.example.com`
      case 'ipv4': return `192.0.2.${Number(day)}`
      case 'ipv6': return `2001:db8::${Number(day)}`
      case 'uri': return `https://example.com/${day}`
      case 'uuid': return `00000000-0000-4000-8000-0000000000${day}`
      default: return null
    }
  }

  #words (count: number): string {
    return wordsFrom(this.#next(), count)
  }

  #pick (values: readonly unknown[]): unknown {
    return values[this.#next() % values.length]
  }

  #resolve (reference: string): unknown {
    let target: unknown = this.#root
    for (const part of reference.split('/').slice(1)) {
      target = objectOf(target)[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')]
    }
    return target
  }
}

/** One schema that demands what the schema itself (without the keyword) and all the parts demand. */
function merged (schema: JsonObject, keyword: string, parts: readonly JsonObject[]): JsonObject {
  const { [keyword]: _, ...rest } = schema
  return parts.reduce((all, part) => ({
    ...all,
    ...part,
    properties: { ...objectOf(all.properties), ...objectOf(part.properties) },
    required: [...listOf(all.required), ...listOf(part.required)]
  }), rest)
}

function typeOf (schema: JsonObject, preferNull: boolean): unknown {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  if (preferNull && types.includes('null')) return 'null'
  return types.find(type => type !== 'null') ?? types[0] ?? guessedType(schema)
}

function guessedType (schema: JsonObject): string {
  if ('properties' in schema && Object.keys(objectOf(schema.properties)).length > 0) return 'object'
  return 'items' in schema || 'prefixItems' in schema ? 'array' : 'string'
}

function isLeaf (schema: unknown): boolean {
  return isObject(schema) && !('$ref' in schema) && schema.type !== 'object' && schema.type !== 'array'
}

function isWithin (schema: JsonObject, n: number): boolean {
  return n >= numberOr(schema.minimum, -Infinity) && n > numberOr(schema.exclusiveMinimum, -Infinity) &&
    n <= numberOr(schema.maximum, Infinity) && n < numberOr(schema.exclusiveMaximum, Infinity)
}
