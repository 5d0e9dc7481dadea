import type { Batch, Expectation, Kind, ListWindow, Put, Records, Ref, Removal, StoredRecord } from '../directory/records.ts'
import type { Database, Row } from './database.ts'

const columns = 'records.kind, records.id, records.version, records.seq, records.body'
const listed = `SELECT ${columns} FROM directory_lists AS lists JOIN directory_records AS records USING (seq) WHERE lists.list = ?`

const read = `SELECT ${columns} FROM directory_records AS records WHERE kind = ? AND id = ?`

const sql = {
  read,
  firstOf: `${read} UNION ALL ${read} LIMIT 1`,
  ascending: `${listed} AND lists.seq > ? ORDER BY lists.seq LIMIT ?`,
  descending: `${listed} AND lists.seq < ? ORDER BY lists.seq DESC LIMIT ?`,
  count: 'SELECT count(*) AS count FROM directory_lists WHERE list = ?',
  put: `INSERT INTO directory_records (kind, id, version, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body`,
  enter: 'INSERT INTO directory_lists (list, seq) SELECT ?, seq FROM directory_records WHERE kind = ? AND id = ?',
  leave: 'DELETE FROM directory_lists WHERE list = ? AND seq = (SELECT seq FROM directory_records WHERE kind = ? AND id = ?)',
  remove: 'DELETE FROM directory_records WHERE kind = ? AND id = ?',
  stamp: 'INSERT INTO directory_last_used (id, at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at',
  readStamp: 'SELECT at FROM directory_last_used WHERE id = ?',
  unstamp: 'DELETE FROM directory_last_used WHERE id = ?'
}

/** The directory's records in SQLite. Calls are synchronous and take microseconds; one that changes a lot is the caller's to split. */
export class SqliteRecords implements Records {
  readonly #db: Database

  constructor (db: Database) {
    this.#db = db
  }

  async read (refs: readonly Ref[]): Promise<Array<StoredRecord | null>> {
    return refs.map(ref => this.#read(ref))
  }

  async firstOf (ref: Ref, otherwise: Ref): Promise<StoredRecord | null> {
    const row = this.#db.get(sql.firstOf, ref.kind, ref.id, otherwise.kind, otherwise.id)
    return row === null ? null : toRecord(row)
  }

  async list (name: string, { after, limit, order }: ListWindow): Promise<StoredRecord[]> {
    const rows = order === 'asc'
      ? this.#db.all(sql.ascending, name, after ?? 0, limit)
      : this.#db.all(sql.descending, name, after ?? Number.MAX_SAFE_INTEGER, limit)
    return rows.map(toRecord)
  }

  async count (list: string): Promise<number> {
    return Number(this.#db.get(sql.count, list)?.count)
  }

  async commit ({ expected, puts, removals }: Batch): Promise<boolean> {
    const done = this.#db.transaction(() => {
      if (!expected.every(expectation => this.#isAsExpected(expectation))) return false
      for (const put of puts) this.#put(put)
      for (const removal of removals) this.#remove(removal)
      return true
    })
    if (done) await this.#db.sync()
    return done
  }

  async stamp (times: ReadonlyMap<string, number>): Promise<void> {
    this.#db.transaction(() => {
      for (const [id, at] of times) this.#db.run(sql.stamp, id, at)
      return true
    })
  }

  async stamps (ids: readonly string[]): Promise<Array<number | null>> {
    return ids.map(id => {
      const row = this.#db.get(sql.readStamp, id)
      return row === null ? null : Number(row.at)
    })
  }

  close (): Promise<void> {
    return this.#db.close()
  }

  #read ({ kind, id }: Ref): StoredRecord | null {
    const row = this.#db.get(sql.read, kind, id)
    return row === null ? null : toRecord(row)
  }

  #isAsExpected ({ kind, id, version }: Expectation): boolean {
    return (this.#read({ kind, id })?.version ?? 0) === version
  }

  #put ({ kind, id, version, body, enters, leaves }: Put): void {
    this.#db.run(sql.put, kind, id, version + 1, body)
    for (const list of enters) this.#db.run(sql.enter, list, kind, id)
    for (const list of leaves) this.#db.run(sql.leave, list, kind, id)
  }

  #remove ({ kind, id, leaves }: Removal): void {
    for (const list of leaves) this.#db.run(sql.leave, list, kind, id)
    this.#db.run(sql.remove, kind, id)
    this.#db.run(sql.unstamp, id)
  }
}

function toRecord ({ kind, id, version, seq, body }: Row): StoredRecord {
  return { kind: String(kind) as Kind, id: String(id), version: Number(version), seq: Number(seq), body: String(body) }
}
