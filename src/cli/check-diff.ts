import { existsSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import { declaredOf } from '../declared.ts'
import type { DeclaredChange } from '../stores/directory.ts'
import { besideStore, openDirectory } from '../stores/open.ts'
import { CommandError } from './command-error.ts'

const signs = { create: '+', update: '~', retire: '-' } as const

/** What a start with this configuration, or a reload, would change in the directory of its store; nothing is changed. */
export async function differences (config: Config): Promise<string[]> {
  const directory = await openDirectory(storeToRead(config.store))
  try {
    const changes = await directory.declared.diff(declaredOf(config))
    return changes.length === 0 ? ['nothing would change'] : changes.map(printChange)
  } catch (cause) {
    throw new CommandError(`the store cannot be compared (${cause instanceof Error ? cause.message : String(cause)}). Check TOLLGATE_STORE with: tollgate doctor`, { cause })
  } finally {
    await directory.close()
  }
}

/** A file that is not there yet is not made. */
function storeToRead (store: string): string {
  const [, path] = /^sqlite:(.+)$/.exec(store) ?? []
  return path === undefined || existsSync(besideStore(path, 'directory')) ? store : 'sqlite::memory:'
}

/** `~ project proj_search: rateLimits, spendLimit` */
function printChange ({ action, kind, id, fields }: DeclaredChange): string {
  const what = `${signs[action]} ${kind} ${id}`
  return action === 'update' ? `${what}: ${fields.join(', ')}` : what
}
