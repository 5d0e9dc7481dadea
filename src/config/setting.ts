import Type, { type TInteger, type TNumber, type TOptional, type TSchema, type TUnsafe } from 'typebox'

/** `host:port` after reading. Port 0 asks the system for any free port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** How a setting is written where that differs from how it is kept. `read.ts` has one reader for each. */
export type Notation = 'duration' | 'size' | 'address' | 'cidr' | 'workers' | 'time_zone' | 'store' | 'url' | 'base_url' | SecretNotation

/** Written literally, as `${VARIABLE}` or as `file:/path`; never shown in a log, message or report. */
export type SecretNotation = 'secret' | 'pepper' | 'upstream_key' | 'header' | 'gateway_key'

const secretNotations: ReadonlySet<string | undefined> = new Set<SecretNotation>(['secret', 'pepper', 'upstream_key', 'header', 'gateway_key'])

/** What every setting states beside its type. */
export interface Statement {
  readonly description: string
  /** As one would write it in the file. */
  readonly default?: unknown
  /** The default in words, where it follows from other settings. `derive.ts` fills it in. */
  readonly derived?: string
  /** The environment variable that overrides the file. */
  readonly env?: string
  /** What a `pattern` lets through, in words. */
  readonly allowed?: string
}

/** Bounds in milliseconds or bytes. */
interface Bounds {
  readonly minimum?: number
  readonly maximum?: number
}

/** Written `250ms`, `5s`, `15m`, `24h`; kept in milliseconds. Node's timers end at 2^31-1 ms, so nothing is longer than 24 days. */
export const duration = (statement: Statement & Bounds): TInteger =>
  Type.Integer({ minimum: 1, maximum: 24 * 86_400_000, ...statement, notation: 'duration' })

/** Written `64KiB`, `20MiB`, `1MB`; kept in bytes. */
export const size = (statement: Statement & Bounds): TInteger =>
  Type.Integer({ minimum: 1, ...statement, notation: 'size' })

/** Written `127.0.0.1:8080`, `[::1]:8080`. */
export const address = (statement: Statement): TUnsafe<Address> =>
  Type.Unsafe<Address>({ ...statement, notation: 'address' })

/** Text that is read by one of the readers and stays text. */
export const text = (notation: Notation, statement: Statement & { readonly minLength?: number }): TUnsafe<string> =>
  Type.Unsafe<string>({ type: 'string', ...statement, notation })

/** A number of processes, or `auto`. */
export const workers = (statement: Statement & Bounds): TInteger =>
  Type.Integer({ ...statement, notation: 'workers' })

export const integer = (statement: Statement & Bounds): TInteger => Type.Integer({ ...statement })
export const number = (statement: Statement & Bounds): TNumber => Type.Number({ ...statement })

/** A secret that may be absent. */
export const optionalSecret = (notation: SecretNotation, statement: Statement & { readonly minLength?: number }): TOptional<TUnsafe<string>> =>
  Type.Optional(text(notation, statement))

/** A schema as the reader, the documentation and the printer see it: what `typebox` made, with what the statements add. */
export interface Setting extends Partial<Statement> {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly notation?: Notation
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly items?: Setting
  readonly properties?: Readonly<Record<string, Setting>>
  readonly patternProperties?: Readonly<Record<string, Setting>>
  readonly required?: readonly string[]
}

export const settingOf = (schema: TSchema): Setting => schema

export const isSecret = ({ notation }: Setting): boolean => secretNotations.has(notation)
