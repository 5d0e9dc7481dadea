import { isMap } from './decode.ts'
import type { Path } from './fault.ts'
import type { Setting } from './setting.ts'

/** Goes through values beside their statement, in the statement's order, and puts what `leaf` returns in the place of each that is neither a list nor a map. */
export function mapLeaves (setting: Setting, value: unknown, leaf: (setting: Setting, value: unknown, path: Path) => unknown, path: Path = []): unknown {
  const { items, properties, patternProperties } = setting
  if (items !== undefined) {
    return Array.isArray(value) ? value.map((item, index) => mapLeaves(items, item, leaf, [...path, index])) : value
  }
  if (properties === undefined && patternProperties === undefined) return leaf(setting, value, path)
  if (!isMap(value)) return value
  const [entry = {}] = Object.values(patternProperties ?? {})
  const names = Object.keys(properties ?? value).filter((name) => value[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, mapLeaves(properties?.[name] ?? entry, value[name], leaf, [...path, name])]))
}
