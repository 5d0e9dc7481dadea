import { readFileSync } from 'node:fs'
import type { Batch, Kind, ListWindow, Records, Ref, StoredRecord } from '../directory/records.ts'
import type { RedisClient } from './client.ts'
import type { Gate } from './gate.ts'

const commitScript = readFileSync(new URL('./directory-commit.lua', import.meta.url), 'utf8')

/** One hash tag for the whole directory: it is small, read through caches, and changed in transactions that span it. */
const keys = {
  records: 'tg:{directory}:records',
  sequence: 'tg:{directory}:seq',
  lastUsed: 'tg:{directory}:last_used',
  list: (name: string) => `tg:{directory}:list:${name}`
}

/** The directory's records in Redis. */
export class RedisRecords implements Records {
  readonly #redis: RedisClient
  readonly #gate: Gate

  constructor (redis: RedisClient, gate: Gate) {
    this.#redis = redis
    this.#gate = gate
  }

  async read (refs: readonly Ref[]): Promise<Array<StoredRecord | null>> {
    if (refs.length === 0) return []
    const fields = refs.map(fieldOf)
    const values = await this.#gate.call(() => this.#redis.hmget(keys.records, ...fields))
    return refs.map((ref, index) => toRecord(ref, values[index] ?? null))
  }

  async firstOf (ref: Ref, otherwise: Ref): Promise<StoredRecord | null> {
    const [record, other] = await this.read([ref, otherwise])
    return record ?? other ?? null
  }

  async list (name: string, { after, limit, order }: ListWindow): Promise<StoredRecord[]> {
    const start = after === null ? (order === 'asc' ? '-inf' : '+inf') : `(${after}`
    const fields = await this.#gate.call(() => order === 'asc'
      ? this.#redis.zrange(keys.list(name), start, '+inf', 'BYSCORE', 'LIMIT', 0, limit)
      : this.#redis.zrange(keys.list(name), start, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, limit))
    const records = await this.read(fields.map(refOf))
    return records.filter(record => record !== null)
  }

  count (list: string): Promise<number> {
    return this.#gate.call(() => this.#redis.zcard(keys.list(list)))
  }

  async commit ({ expected, puts, removals }: Batch): Promise<boolean> {
    const lists = [...new Set([...puts.flatMap(({ enters, leaves }) => [...enters, ...leaves]), ...removals.flatMap(({ leaves }) => leaves)])]
    const places = new Map(lists.map((list, index) => [list, index + 4]))
    const placesOf = (names: readonly string[]) => names.map(name => places.get(name))
    const batch = JSON.stringify({
      expected: expected.map(ref => ({ field: fieldOf(ref), version: ref.version })),
      puts: puts.map(put => ({
        field: fieldOf(put), version: put.version, body: put.body, enters: placesOf(put.enters), leaves: placesOf(put.leaves)
      })),
      removals: removals.map(removal => ({ field: fieldOf(removal), id: removal.id, leaves: placesOf(removal.leaves) }))
    })
    const all = [keys.records, keys.sequence, keys.lastUsed, ...lists.map(keys.list)]
    return await this.#gate.call(() => this.#redis.eval(commitScript, all.length, ...all, batch)) === 1
  }

  async stamp (times: ReadonlyMap<string, number>): Promise<void> {
    await this.#gate.call(() => this.#redis.hset(keys.lastUsed, new Map(times)))
  }

  async stamps (ids: readonly string[]): Promise<Array<number | null>> {
    if (ids.length === 0) return []
    const times = await this.#gate.call(() => this.#redis.hmget(keys.lastUsed, ...ids))
    return times.map(time => time === null ? null : Number(time))
  }

  async close (): Promise<void> {
    this.#gate.close()
    this.#redis.disconnect()
  }
}

function fieldOf ({ kind, id }: Ref): string {
  return `${kind}:${id}`
}

function refOf (field: string): Ref {
  const colon = field.indexOf(':')
  return { kind: field.slice(0, colon) as Kind, id: field.slice(colon + 1) }
}

/** `<version> <seq> <body>` */
function toRecord (ref: Ref, value: string | null): StoredRecord | null {
  if (value === null) return null
  const afterVersion = value.indexOf(' ')
  const afterSeq = value.indexOf(' ', afterVersion + 1)
  return {
    ...ref,
    version: Number(value.slice(0, afterVersion)),
    seq: Number(value.slice(afterVersion + 1, afterSeq)),
    body: value.slice(afterSeq + 1)
  }
}
