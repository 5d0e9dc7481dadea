import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Directory } from './directory.ts'
import { SqliteDirectory } from './sqlite/directory.ts'

/**
 * Opens the directory at a store address: `sqlite:PATH` (`sqlite::memory:` for tests). Its folder is made when it is missing.
 * Throws on an address of another kind.
 */
export async function openDirectory (address: string): Promise<Directory> {
  if (!address.startsWith('sqlite:')) throw new Error(`unknown kind of store: ${address.split(':', 1)[0] ?? ''}`)
  const path = address.slice('sqlite:'.length)
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  return new SqliteDirectory(path)
}
