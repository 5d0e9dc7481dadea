import { closest, distance } from 'fastest-levenshtein'
import type { Fault, Path } from './fault.ts'
import { Unreadable, kindOf, show } from './notation.ts'
import { readScalar } from './read.ts'
import type { SecretSources } from './secret.ts'
import type { Setting } from './setting.ts'

export type Values = Record<string, unknown>

/**
 * Reads what was written against the statement of the settings, fills in defaults, and notes every fault instead of stopping at the first.
 * A value at fault counts as absent, so that what refers to its surroundings can still be checked.
 */
export class Decoder {
  readonly faults: Fault[] = []
  readonly #sources: SecretSources

  constructor (sources: SecretSources) {
    this.#sources = sources
  }

  decode (setting: Setting, written: unknown, path: Path): unknown {
    if (setting.properties !== undefined) return this.#section(setting, written, path)
    if (setting.patternProperties !== undefined) return this.#names(setting, this.#map(written, path), path)
    if (setting.items !== undefined) return this.#list(setting.items, written, path)
    return this.#scalar(setting, written, path)
  }

  #section (setting: Setting, given: unknown, path: Path): Values {
    const written = this.#map(given, path)
    const properties = setting.properties ?? {}
    for (const key of Object.keys(written)) {
      if (!Object.hasOwn(properties, key)) this.#unknownKey(path, key, Object.keys(properties))
    }
    const decoded: Values = {}
    for (const [key, property] of Object.entries(properties)) {
      const value = this.#property(property, written[key], [...path, key])
      if (value !== undefined) decoded[key] = value
      else if (isMap(given) && isNecessary(setting, key) && isAbsent(written[key])) this.#note(path, `lacks "${key}"`)
    }
    return decoded
  }

  /** Undefined when absent or at fault, and without a default. */
  #property (property: Setting, written: unknown, path: Path): unknown {
    const value = isAbsent(written) ? undefined : this.decode(property, written, path)
    if (value !== undefined) return value
    if (property.properties !== undefined) return this.decode(property, {}, path)
    return property.default === undefined ? undefined : this.decode(property, property.default, path)
  }

  /** A map by names that the user chose. It has no prototype: callers' model names are looked up in it. */
  #names (setting: Setting, written: Values, path: Path): Values {
    const [[pattern, value] = ['', {}]] = Object.entries(setting.patternProperties ?? {})
    const decoded: Values = Object.create(null)
    for (const [name, entry] of Object.entries(written)) {
      if (!new RegExp(pattern).test(name)) this.#note(path, `the name ${show(name)} is not allowed (${setting.allowed})`, name)
      const read = this.#property(value, entry, [...path, name])
      if (read !== undefined) decoded[name] = read
    }
    return decoded
  }

  #list (items: Setting, written: unknown, path: Path): unknown[] {
    if (Array.isArray(written)) return written.flatMap((item, index) => this.#property(items, item, [...path, index]) ?? [])
    this.#note(path, `must be a list, not ${kindOf(written)}`)
    return []
  }

  #scalar (setting: Setting, written: unknown, path: Path): unknown {
    try {
      return readScalar(setting, written, this.#sources)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.#note(path, error.message)
      return undefined
    }
  }

  #map (written: unknown, path: Path): Values {
    if (isMap(written)) return written
    this.#note(path, `must be a map, not ${kindOf(written)}`)
    return {}
  }

  #unknownKey (path: Path, key: string, known: readonly string[]): void {
    this.#note(path, `unknown key ${show(key)}${didYouMean(key, known)}`, key)
  }

  #note (path: Path, message: string, key?: string): void {
    this.faults.push({ path, message, ...(key !== undefined && { key }) })
  }
}

/** YAML reads a key without a value as null: people comment out all of a section's lines. */
const isAbsent = (written: unknown): boolean => written === undefined || written === null

export const isMap = (written: unknown): written is Values => typeof written === 'object' && written !== null && !Array.isArray(written)

/** Neither optional, nor with a default. */
export const isNecessary = ({ required = [], properties = {} }: Setting, key: string): boolean => {
  const property = properties[key]
  return required.includes(key) && property?.derived === undefined && property?.default === undefined
}

/** ` (did you mean "models"?)`, or nothing when no known word is near. */
export function didYouMean (word: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const nearest = closest(word, known)
  return distance(word, nearest) <= Math.round(word.length * 0.4) ? ` (did you mean ${show(nearest)}?)` : ''
}
