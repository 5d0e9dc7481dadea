import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { RecordDirectory } from '../directory/record-directory.ts'
import { Database, inMemory } from './database.ts'
import { SqliteOwners } from './directory-owners.ts'
import { SqliteRecords } from './directory-records.ts'

const schema = readFileSync(new URL('./directory-schema.sql', import.meta.url), 'utf8')

/** The directory in a SQLite file, which is made with its folder when it is missing. */
export function openSqliteDirectory (path: string, now: () => number): RecordDirectory {
  if (path !== inMemory) mkdirSync(dirname(path), { recursive: true })
  const db = new Database(path, schema, 'the directory')
  return new RecordDirectory({ records: new SqliteRecords(db), owners: new SqliteOwners(db, now), now })
}
