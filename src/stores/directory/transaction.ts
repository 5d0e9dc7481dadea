import { isDeepStrictEqual } from 'node:util'
import { randomBase62 } from '../../keys/base62.ts'
import { auditEvents, isAudited } from './audit-events.ts'
import type { AuditedKind } from './audit-events.ts'
import { decode, encode, listsOf } from './kinds.ts'
import type { Actor, AuditEntry } from './objects.ts'
import type { Batch, Kind, ObjectOf, Put, Records, Ref } from './records.ts'

type Audited = ObjectOf[AuditedKind]

interface Seen {
  readonly ref: Ref
  readonly version: number
  readonly before: ObjectOf[Kind] | null
}

/**
 * One change of the directory: reads objects, then puts others. Its batch holds the version of all that was read, so that it
 * is refused when any of it has changed meanwhile, and one audit entry for each thing that changed.
 */
export class Transaction {
  readonly #records: Records
  readonly #seen = new Map<string, Seen>()
  readonly #puts = new Map<string, { readonly kind: Kind, readonly object: ObjectOf[Kind] }>()
  /** Unix seconds: one moment for all of the change. */
  readonly now: number

  constructor (records: Records, now: number) {
    this.#records = records
    this.now = now
  }

  async get<K extends Kind> (kind: K, id: string): Promise<ObjectOf[K] | null> {
    return (await this.getAll(kind, [id]))[0] ?? null
  }

  async getAll<K extends Kind> (kind: K, ids: readonly string[]): Promise<Array<ObjectOf[K] | null>> {
    const refs = ids.map(id => ({ kind, id }))
    const records = await this.#records.read(refs)
    return refs.map((ref, index) => {
      const record = records[index] ?? null
      const before = record === null ? null : decode(kind, record)
      this.#seen.set(address(ref), { ref, version: record?.version ?? 0, before })
      return before
    })
  }

  /** Stores an object that was read before with `get`. Putting it back unchanged is nothing. */
  put<K extends Kind> (kind: K, object: ObjectOf[K]): void {
    const key = address({ kind, id: object.id })
    if (isDeepStrictEqual(this.#seen.get(key)?.before, object)) this.#puts.delete(key)
    else this.#puts.set(key, { kind, object })
  }

  /** What to commit, or null when nothing changed. */
  batch (by: Actor): { readonly batch: Batch, readonly audit: readonly AuditEntry[] } | null {
    if (this.#puts.size === 0) return null
    const audit = this.#audit(by)
    const expected = [...this.#seen.values()].map(({ ref, version }) => ({ ...ref, version }))
    const puts = [...this.#puts.values()].map(({ kind, object }) => this.#putOf(kind, object))
    return { batch: { expected, puts: [...puts, ...audit.map(auditPut)], removals: [] }, audit }
  }

  #audit (actor: Actor): AuditEntry[] {
    const entries: AuditEntry[] = []
    for (const [key, { kind, object }] of this.#puts) {
      if (!isAudited(kind)) continue
      const before = this.#seen.get(key)?.before ?? null
      for (const event of auditEvents(kind, before as Audited | null, object as Audited)) {
        entries.push({ id: `audit_${randomBase62(20)}`, at: this.now, actor, ...event })
      }
    }
    return entries
  }

  #putOf (kind: Kind, object: ObjectOf[Kind]): Put {
    const seen = this.#seen.get(address({ kind, id: object.id }))
    if (seen === undefined) throw new Error(`${kind} was not read before it was put`)
    const old = listsOf(kind, seen.before)
    const now = listsOf(kind, object)
    return {
      ...seen.ref,
      version: seen.version,
      body: encode(object),
      enters: now.filter(list => !old.includes(list)),
      leaves: old.filter(list => !now.includes(list))
    }
  }
}

function auditPut (entry: AuditEntry): Put {
  return { kind: 'audit', id: entry.id, version: 0, body: encode(entry), enters: listsOf('audit', entry), leaves: [] }
}

function address ({ kind, id }: Ref): string {
  return `${kind}:${id}`
}
