import type { AdminKey, AuditEntry, KeyRecord, Organization, Project, ServiceAccount, Setup } from './objects.ts'

/**
 * What a place must be able to do to hold a directory: keep versioned records and ordered lists of them, and change several
 * in one transaction. All else (who may change what, audit, pages) is written once, above this.
 */
export interface Records {
  /** The records at these addresses, as of one moment; null where there is none. */
  read (refs: readonly Ref[]): Promise<ReadonlyArray<StoredRecord | null>>
  /** The first of two records that is there. It costs the same whichever that is. */
  firstOf (ref: Ref, otherwise: Ref): Promise<StoredRecord | null>
  /** Members of a list by creation, beginning after the sequence number, if any. */
  list (name: string, window: ListWindow): Promise<readonly StoredRecord[]>
  count (list: string): Promise<number>
  /** All of it or, when a record is no longer of the version expected, nothing: false. */
  commit (batch: Batch): Promise<boolean>
  /** Remembers a time for each id, outside of any transaction. */
  stamp (times: ReadonlyMap<string, number>): Promise<void>
  stamps (ids: readonly string[]): Promise<ReadonlyArray<number | null>>
  close (): Promise<void>
}

export interface ObjectOf {
  readonly organization: Organization
  readonly project: Project
  readonly service_account: ServiceAccount
  readonly api_key: KeyRecord
  readonly admin_key: AdminKey
  readonly audit: AuditEntry
  readonly setup: Setup
}

export type Kind = keyof ObjectOf

export interface Ref {
  readonly kind: Kind
  readonly id: string
}

export interface StoredRecord extends Ref {
  /** 1, 2, … with every change. A record that is not there has version 0. */
  readonly version: number
  /** The order of creation among all records. */
  readonly seq: number
  /** JSON. */
  readonly body: string
}

export interface ListWindow {
  readonly after: number | null
  readonly limit: number
  readonly order: 'asc' | 'desc'
}

export interface Batch {
  /** Every record that the change was decided on, read or written. */
  readonly expected: readonly Expectation[]
  /** Each raises the expected version by one. */
  readonly puts: readonly Put[]
  readonly removals: readonly Removal[]
}

export interface Expectation extends Ref {
  readonly version: number
}

export interface Put extends Expectation {
  readonly body: string
  /** Lists that the record enters and leaves. */
  readonly enters: readonly string[]
  readonly leaves: readonly string[]
}

export interface Removal extends Ref {
  readonly leaves: readonly string[]
}
