import type { OwnersStore } from '../directory.ts'
import type { Owner } from '../directory/objects.ts'
import type { Database } from './database.ts'

/** About 150 bytes each on disk. Beyond the bound those that expire first go. */
const maxOwners = 1_000_000
/** Old records removed with each new one: more than one, so that a backlog shrinks; few, so that no call is long. */
const removedAtOnce = 4

const sql = {
  insert: 'INSERT INTO directory_owners (object_id, project_id, upstream, expires_at) VALUES (?, ?, ?, ?)',
  insertBegun: 'INSERT INTO directory_begun (object_id, begun_by) VALUES (?, ?)',
  read: 'SELECT project_id, upstream, begun_by FROM directory_owners LEFT JOIN directory_begun USING (object_id) WHERE object_id = ? AND expires_at > ?',
  delete: 'DELETE FROM directory_owners WHERE object_id = ?',
  count: 'SELECT count(*) AS count FROM directory_owners',
  removeExpired: `DELETE FROM directory_owners WHERE object_id IN
    (SELECT object_id FROM directory_owners WHERE expires_at <= ? ORDER BY expires_at LIMIT ${removedAtOnce})`,
  removeOldest: `DELETE FROM directory_owners WHERE object_id IN
    (SELECT object_id FROM directory_owners ORDER BY expires_at LIMIT ${removedAtOnce})`
}

export class SqliteOwners implements OwnersStore {
  readonly #db: Database
  readonly #now: () => number
  #count: number

  constructor (db: Database, now: () => number) {
    this.#db = db
    this.#now = now
    this.#count = Number(db.get(sql.count)?.count)
  }

  async record (objectId: string, owner: Owner, ttlSeconds: number): Promise<Owner> {
    const now = this.#now()
    const there = this.#read(objectId, now)
    if (there !== null) return there
    this.#db.transaction(() => {
      this.#removeSome(objectId, now)
      this.#count += this.#db.run(sql.insert, objectId, owner.projectId, owner.upstream, now + ttlSeconds)
      if (owner.begunBy !== undefined) this.#db.run(sql.insertBegun, objectId, JSON.stringify(owner.begunBy))
      return true
    })
    return owner
  }

  async get (objectId: string): Promise<Owner | null> {
    return this.#read(objectId, this.#now())
  }

  async delete (objectId: string): Promise<void> {
    this.#count -= this.#db.run(sql.delete, objectId)
  }

  #removeSome (objectId: string, now: number): void {
    this.#count -= this.#db.run(sql.delete, objectId) + this.#db.run(sql.removeExpired, now)
    if (this.#count >= maxOwners) this.#count -= this.#db.run(sql.removeOldest)
  }

  #read (objectId: string, now: number): Owner | null {
    const row = this.#db.get(sql.read, objectId, now)
    if (row === null) return null
    const owner = { projectId: String(row.project_id), upstream: String(row.upstream) }
    return row.begun_by === null ? owner : { ...owner, begunBy: JSON.parse(String(row.begun_by)) }
  }
}
