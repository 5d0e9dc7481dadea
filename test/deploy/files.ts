import { readdirSync, readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

/** The files that deployments are made of. */

export const root = new URL('../../', import.meta.url).pathname

export function read (path: string): string {
  return readFileSync(root + path, 'utf8')
}

/** Every YAML file, by its path. */
export function yamlFiles (): string[] {
  const below = readdirSync(`${root}deploy`, { recursive: true, encoding: 'utf8' }).map(name => `deploy/${name}`)
  return [...below, 'docker-compose.yml'].filter(name => /\.ya?ml$/.test(name))
}

/** The documents of one. Throws on YAML that is none, and on keys that stand twice. */
export function documents<T = Record<string, unknown>> (text: string): T[] {
  return parseAllDocuments(text, { uniqueKeys: true }).map(document => {
    const [error] = document.errors
    if (error !== undefined) throw error
    return document.toJS() as T
  })
}

interface Service {
  readonly environment?: Readonly<Record<string, string>>
  readonly stop_grace_period?: string
  readonly configs?: ReadonlyArray<{ readonly source: string, readonly target: string }>
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly networks?: unknown
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly configs: Readonly<Record<string, { readonly file?: string, readonly content?: string }>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly networks: Readonly<Record<string, unknown>>
}

export function compose (): Compose {
  const [file] = documents<Compose>(read('docker-compose.yml'))
  if (file === undefined) throw new Error('empty')
  return file
}
