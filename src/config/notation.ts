import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import type { Address } from './setting.ts'

/** A value that is not written the way its setting is. The message completes the sentence "listen: …". */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

const millisecondsOf = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const bytesOf = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** `1500ms` → 1500. */
export const readDuration = (written: unknown): number => readQuantity(written, millisecondsOf, 'a duration such as 250ms, 5s, 15m or 24h')

/** `20MiB` → 20971520. */
export const readSize = (written: unknown): number => readQuantity(written, bytesOf, 'a size such as 64KiB, 20MiB or 1MB')

/** 90000 → `90s`: the largest unit that divides it. */
export const printDuration = (milliseconds: number): string => printQuantity(milliseconds, millisecondsOf)

/** 20971520 → `20MiB`. */
export const printSize = (bytes: number): string => printQuantity(bytes, bytesOf)

function readQuantity (written: unknown, units: Readonly<Record<string, number>>, expected: string): number {
  const [, digits, unit] = /^(\d{1,15}) ?([A-Za-z]+)$/.exec(String(written)) ?? []
  const factor = unit === undefined ? undefined : units[unit]
  if (factor === undefined) throw new Unreadable(`must be ${expected}, not ${show(written)}`)
  return Number(digits) * factor
}

function printQuantity (amount: number, units: Readonly<Record<string, number>>): string {
  const smallest = Object.keys(units)[0]
  const fitting = Object.entries(units).filter(([, factor]) => amount >= factor && amount % factor === 0)
  const [unit, factor] = fitting.sort(([, a], [, b]) => b - a)[0] ?? [smallest, 1]
  return `${amount / factor}${unit}`
}

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`. */
export function readAddress (written: unknown): Address {
  const [, bracketed, name, digits] = /^(?:\[([^\]]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(String(written)) ?? []
  const host = bracketed ?? name
  const port = Number(digits)
  if (host === undefined || port > 65535 || (bracketed !== undefined && isIP(bracketed) !== 6)) {
    throw new Unreadable(`must be host:port such as 127.0.0.1:8080 or [::1]:8080, not ${show(written)}`)
  }
  return { host, port }
}

export const printAddress = ({ host, port }: Address): string => host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export function readCidr (written: unknown): string {
  const [address = '', prefix, ...rest] = String(written).split('/')
  const widest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const bits = prefix === undefined ? 0 : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity
  if (bits > widest || rest.length > 0) throw new Unreadable(`must be an address or a block such as 10.0.0.0/8, not ${show(written)}`)
  return String(written)
}

/** `auto` is one process a core. */
export function readWorkers (written: unknown): number {
  if (written === 'auto') return availableParallelism()
  if (!/^\d{1,6}$/.test(String(written))) throw new Unreadable(`must be a whole number or auto, not ${show(written)}`)
  return Number(written)
}

/** Of a Redis: what the store can read. */
const host = '(?:\\[[\\da-fA-F:.]+\\]|[^:,/?@[\\]]+)(?::\\d{1,5})?'
const database = '(?:/\\d{0,5})?'
const storeForms = [
  'sqlite:.+',
  `rediss?://(?:[^@/]*@)?${host}${database}(?:\\?[^@]*)?`,
  `redis\\+sentinel://(?:[^@/]*@)?${host}(?:,${host})*/[^/?]+${database}(?:\\?[^@]*)?`,
  `redis\\+cluster://(?:[^@/]*@)?${host}(?:,${host})*/?(?:\\?[^@]*)?`
]
const storeShape = new RegExp(`^(?:${storeForms.join('|')})$`)

/** The forms of `TOLLGATE_STORE`. The value may hold a password, so no message repeats it. */
export function readStore (written: string): string {
  if (!/^(sqlite:.+|(redis|rediss|redis\+sentinel|redis\+cluster):\/\/\S+)$/.test(written)) {
    throw new Unreadable('must be sqlite:PATH, redis://…, rediss://…, redis+sentinel://… or redis+cluster://…')
  }
  if (!storeShape.test(written) || !isDecodable(written)) {
    throw new Unreadable('must be as redis://user:password@host:6379/0, redis+sentinel://host,host/master/0 or redis+cluster://host,host, with @ : / ? % of a password percent-encoded')
  }
  return written
}

function isDecodable (url: string): boolean {
  try {
    return decodeURIComponent(url) !== ''
  } catch {
    return url.startsWith('sqlite:')
  }
}

/** An IANA name. */
export function readTimeZone (written: unknown): string {
  if (!isTimeZone(String(written))) throw new Unreadable(`must be the name of a time zone such as UTC or Europe/Berlin, not ${show(written)}`)
  return String(written)
}

function isTimeZone (timeZone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

/** An address of HTTP, without a trailing slash. */
export function readUrl (written: unknown): string {
  const url = URL.parse(String(written))
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Unreadable('must be an http:// or https:// URL')
  return url.href.replace(/\/+$/, '')
}

/** A written value inside a message: short and on one line. */
export function show (written: unknown): string {
  const kind = kindOf(written)
  if (kind === 'a list' || kind === 'a map') return kind
  const text = JSON.stringify(written) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

/** What was written, without showing it: it may be a secret in the wrong place. */
export function kindOf (written: unknown): string {
  if (Array.isArray(written)) return 'a list'
  if (typeof written === 'object') return written === null ? 'nothing' : 'a map'
  return { string: 'text', boolean: 'true or false' }[String(typeof written)] ?? 'a number'
}
