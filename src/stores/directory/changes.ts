import type { DirectoryChange } from '../directory.ts'
import { decode, lists } from './kinds.ts'
import type { AuditEntry } from './objects.ts'
import type { Records } from './records.ts'

/** More changes than this since the last look are told as "everything". */
const entriesAtOnce = 100

const everything: DirectoryChange = { everything: true, projectIds: [], keyIds: [] }

/**
 * Tells listeners what has changed. The changes of other processes are read from the end of the audit log, which holds each
 * of them, in order: a message could be lost while a connection is, the log can't.
 */
export class Changes {
  readonly #records: Records
  readonly #listeners = new Set<(change: DirectoryChange) => void>()
  /** Sequence number of the last entry seen; null before the first look. */
  #seen: number | null = null

  constructor (records: Records) {
    this.#records = records
  }

  subscribe (listener: (change: DirectoryChange) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** Tells of changes that this process made itself, without waiting for the next look. */
  announce (entries: readonly AuditEntry[]): void {
    if (entries.length > 0) this.#tell(changeOf(entries))
  }

  /** Looks for changes since the last look. The first look only finds out where the log ends. */
  async look (): Promise<void> {
    if (this.#seen === null) return this.#begin()
    const entries = await this.#records.list(lists.audit, { after: this.#seen, limit: entriesAtOnce, order: 'asc' })
    if (entries.length === entriesAtOnce) return this.#begin()
    this.#seen = entries.at(-1)?.seq ?? this.#seen
    this.announce(entries.map(record => decode('audit', record)))
  }

  async #begin (): Promise<void> {
    const [last] = await this.#records.list(lists.audit, { after: null, limit: 1, order: 'desc' })
    this.#seen = last?.seq ?? 0
    this.#tell(everything)
  }

  #tell (change: DirectoryChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

function changeOf (entries: readonly AuditEntry[]): DirectoryChange {
  return {
    everything: entries.some(({ objectKind }) => objectKind === 'organization'),
    projectIds: idsOf(entries, ({ objectKind, projectId }) => objectKind === 'project' || objectKind === 'service_account' ? projectId : null),
    keyIds: idsOf(entries, ({ objectKind, objectId }) => objectKind === 'api_key' || objectKind === 'admin_key' ? objectId : null)
  }
}

function idsOf (entries: readonly AuditEntry[], idOf: (entry: AuditEntry) => string | null): string[] {
  return [...new Set(entries.map(idOf).filter(id => id !== null))]
}
