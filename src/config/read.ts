import { Errors } from 'typebox/value'
import type { TSchema } from 'typebox'
import { readBaseUrl } from './base-url.ts'
import { Unreadable, printDuration, printSize, readAddress, readCidr, readDuration, readSize, readStore, readTimeZone, readUrl, readWorkers, show } from './notation.ts'
import { readChosenSecret, readGatewayKey, readHeaderValue, readPepper, resolveSecret, type SecretSources } from './secret.ts'
import { isSecret, type Notation, type Setting } from './setting.ts'

type Reader = (written: unknown, sources: SecretSources) => unknown

const readers: Readonly<Record<Notation, Reader>> = {
  duration: readDuration,
  size: readSize,
  address: readAddress,
  cidr: readCidr,
  workers: readWorkers,
  time_zone: readTimeZone,
  url: readUrl,
  base_url: readBaseUrl,
  store: (written, sources) => readStore(readSecret(written, sources)),
  secret: (written, sources) => readChosenSecret(readSecret(written, sources)),
  upstream_key: (written, sources) => readHeaderValue(readSecret(written, sources)),
  header: (written, sources) => readHeaderValue(readSecret(written, sources)),
  gateway_key: (written, sources) => readGatewayKey(readSecret(written, sources)),
  pepper: (written, sources) => readPepper(readSecret(written, sources))
}

function readSecret (written: unknown, sources: SecretSources): string {
  if (typeof written !== 'string') throw new Unreadable('must be text')
  return resolveSecret(written, sources)
}

/** Reads one value that is neither a list nor a map, and holds it against its bounds. Throws `Unreadable`. */
export function readScalar (setting: Setting, written: unknown, sources: SecretSources): unknown {
  const value = setting.notation === undefined ? written : readers[setting.notation](written, sources)
  const [error] = Errors(setting as TSchema, value)
  if (error !== undefined) throw new Unreadable(explain(error.keyword, setting, written))
  return value
}

function explain (keyword: string, setting: Setting, written: unknown): string {
  const shown = isSecret(setting) ? '' : `, not ${show(written)}`
  switch (keyword) {
    case 'minimum': return `must be at least ${printBound(setting, setting.minimum)}${shown}`
    case 'maximum': return `must be at most ${printBound(setting, setting.maximum)}${shown}`
    case 'minLength': return setting.minLength === 1 ? 'must not be empty' : `must have at least ${setting.minLength} characters`
    case 'enum': return `must be one of ${setting.enum?.join(', ')}${shown}`
    case 'pattern': return `${show(written)} is not allowed (${setting.allowed})`
    default: return `must be ${nameOfType(setting)}${shown}`
  }
}

const typeNames: Readonly<Record<string, string>> = { integer: 'a whole number', number: 'a number', string: 'text', boolean: 'true or false' }

/** What to write, in words: `a duration`, `a whole number`. */
export function nameOfType ({ type = '' }: Setting): string {
  return typeNames[type] ?? type
}

/** A bound as one would write it: `1s`, `64KiB`, `5`. */
export function printBound ({ notation }: Setting, bound = 0): string {
  if (notation === 'duration') return printDuration(bound)
  if (notation === 'size') return printSize(bound)
  return String(bound)
}
