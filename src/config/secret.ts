import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isKeyFault, parseKey } from '../keys/key.ts'
import { Unreadable } from './notation.ts'

/** Where references lead. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative file references start here. */
  readonly cwd: string
}

const variable = /\$\{([^}]*)\}/g

/** Whether the text refers to a secret instead of being one. */
export const isReference = (written: string): boolean => written.startsWith('file:') || written.search(variable) !== -1

/**
 * The secret behind a reference: `file:/run/secrets/x` is the file's text without its last line break, and `${NAME}` is replaced
 * by the variable. Other text is the secret itself. No message ever repeats a secret.
 */
export function resolveSecret (written: string, sources: SecretSources): string {
  if (written.startsWith('file:')) return readSecretFile(resolve(sources.cwd, written.slice('file:'.length)))
  return written.replace(variable, (reference, name: string) => {
    const value = sources.env[name]
    if (value === undefined || value === '') throw new Unreadable(`the environment variable ${reference} is not set`)
    return value
  })
}

function readSecretFile (path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new Unreadable(`the file ${path} cannot be read (${errorCode(error)})`)
  }
}

const errorCode = (error: unknown): unknown => error instanceof Error && 'code' in error ? error.code : error

/** What goes into an HTTP header: a line break in it would end the request, or begin another. */
export function readHeaderValue (secret: string): string {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(secret)) throw new Unreadable('must not hold line breaks, control characters or characters beyond Latin-1')
  return secret
}

/** A key that callers use. */
export function readGatewayKey (secret: string): string {
  const parsed = parseKey(secret)
  if (isKeyFault(parsed)) throw new Unreadable(`is no key of a project (\`tollgate keys new\` prints one). ${parsed.message}`)
  return secret
}

/** What examples, tutorials and impatience put where a secret belongs. */
const words = ['changeme', 'change', 'replaceme', 'replace', 'me', 'this', 'please', 'your', 'secret', 'pepper', 'password', 'admin', 'key', 'tollgate', 'default', 'example', 'test']
const nothingElse = new RegExp(`^(?:${words.join('|')})+$`)

/** A secret of the operator's own choice. One that anyone could guess is none: `changemechangeme`, `aaaa…`. */
export function readChosenSecret (secret: string): string {
  const letters = secret.toLowerCase().replace(/[^a-z]/g, '')
  if (nothingElse.test(letters) || new Set(secret).size < 4) throw new Unreadable('is a value that anyone could guess; make one with: openssl rand -hex 32')
  return secret
}

/** With a pepper that is known, whoever reads the store could test keys. */
export function readPepper (secret: string): string {
  if (secret === '') throw new Unreadable('must not be empty; leave it out to have one generated')
  return readChosenSecret(secret)
}
