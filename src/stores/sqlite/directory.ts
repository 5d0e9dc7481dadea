import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { Credential, Directory, KeyRecord, Project } from '../directory.ts'
import { StoreUnavailableError } from '../unavailable.ts'

const schema = `
  CREATE TABLE IF NOT EXISTS directory_projects (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL, archived_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS directory_keys (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL, project_id TEXT NOT NULL, name TEXT NOT NULL, redacted TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
`

/** The directory in one SQLite file, for one process. */
export class SqliteDirectory implements Directory {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor (path: string) {
    this.#db = new DatabaseSync(path, { timeout: 1000 })
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    this.#db.exec(schema)
  }

  async createProject ({ id, name, createdAt, archivedAt }: Project): Promise<void> {
    this.#try(() => this.#prepare('INSERT OR IGNORE INTO directory_projects VALUES (?, ?, ?, ?)').run(id, name, createdAt, archivedAt))
  }

  async project (id: string): Promise<Project | null> {
    const row = this.#try(() => this.#prepare('SELECT * FROM directory_projects WHERE id = ?').get(id))
    return row === undefined ? null : toProject(row)
  }

  async createKey (key: KeyRecord): Promise<void> {
    this.#try(() => this.#prepare('INSERT OR IGNORE INTO directory_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
      key.id, key.digest, key.projectId, key.name, key.redacted, key.createdAt, key.expiresAt, key.revokedAt))
  }

  async credential (keyId: string): Promise<Credential | null> {
    const row = this.#try(() => this.#prepare('SELECT * FROM directory_keys WHERE id = ?').get(keyId))
    if (row === undefined) return null
    const key = toKey(row)
    const project = await this.project(key.projectId)
    return project === null ? null : { key, project }
  }

  async revokeKey (id: string, at: number): Promise<boolean> {
    const { changes } = this.#try(() => this.#prepare('UPDATE directory_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL').run(at, id))
    return Number(changes) > 0
  }

  async close (): Promise<void> {
    if (this.#db.isOpen) this.#db.close()
  }

  #prepare (sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #try<Result> (work: () => Result): Result {
    try {
      return work()
    } catch (cause) {
      throw new StoreUnavailableError('the directory', cause)
    }
  }
}

type Row = ReturnType<StatementSync['get']> & object

function toProject (row: Row): Project {
  return { id: String(row.id), name: String(row.name), createdAt: Number(row.created_at), archivedAt: secondsOrNull(row.archived_at) }
}

function toKey (row: Row): KeyRecord {
  return {
    id: String(row.id),
    digest: Buffer.from(row.digest as Uint8Array),
    projectId: String(row.project_id),
    name: String(row.name),
    redacted: String(row.redacted),
    createdAt: Number(row.created_at),
    expiresAt: secondsOrNull(row.expires_at),
    revokedAt: secondsOrNull(row.revoked_at)
  }
}

function secondsOrNull (value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value)
}
