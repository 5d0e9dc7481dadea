import type { Credential, Directory, DirectoryChange, OwnersStore, Seed } from '../directory.ts'
import { repeat } from '../repeat.ts'
import { forgiveOutage } from '../unavailable.ts'
import { AdminKeyRecords } from './admin-keys.ts'
import { AuditRecords } from './audit.ts'
import { Changes } from './changes.ts'
import { readCredential, readKeyDigest } from './credential.ts'
import { DeclaredRecords } from './declared.ts'
import { KeyRecords } from './keys.ts'
import { LastUsed } from './last-used.ts'
import type { Actor, Setup } from './objects.ts'
import { OrganizationRecord } from './organization.ts'
import { ProjectRecords } from './projects.ts'
import type { Records } from './records.ts'
import { forgetOld } from './retention.ts'
import { ServiceAccountRecords } from './service-accounts.ts'
import { setUp } from './set-up.ts'
import { Writer } from './writer.ts'

/** How soon a change by another process is noticed, ms. */
const lookInterval = 1_000
/** How often uses of keys are stored and old records removed, ms. */
const housekeepingInterval = 60_000

export interface RecordDirectoryOptions {
  readonly records: Records
  readonly owners: OwnersStore
  /** Unix seconds. */
  readonly now: () => number
}

/** The directory over any place that keeps records. */
export class RecordDirectory implements Directory {
  readonly organization: OrganizationRecord
  readonly projects: ProjectRecords
  readonly serviceAccounts: ServiceAccountRecords
  readonly keys: KeyRecords
  readonly adminKeys: AdminKeyRecords
  readonly declared: DeclaredRecords
  readonly audit: AuditRecords
  readonly owners: OwnersStore
  readonly #records: Records
  readonly #writer: Writer
  readonly #changes: Changes
  readonly #lastUsed: LastUsed
  readonly #stops: ReadonlyArray<() => Promise<void>>

  constructor ({ records, owners, now }: RecordDirectoryOptions) {
    this.#records = records
    this.#changes = new Changes(records)
    this.#lastUsed = new LastUsed(records, now)
    this.#writer = new Writer({ records, now, onChange: audit => this.#changes.announce(audit) })
    this.organization = new OrganizationRecord(records, this.#writer)
    this.projects = new ProjectRecords(records, this.#writer)
    this.serviceAccounts = new ServiceAccountRecords(records, this.#writer)
    this.keys = new KeyRecords(records, this.#writer, this.#lastUsed)
    this.adminKeys = new AdminKeyRecords(records, this.#writer, this.#lastUsed)
    this.declared = new DeclaredRecords(records, this.#writer, now)
    this.audit = new AuditRecords(records)
    this.owners = owners
    this.#stops = [
      repeat(() => this.#changes.look(), lookInterval),
      repeat(() => this.#keepHouse(now()), housekeepingInterval)
    ]
  }

  credential (keyId: string): Promise<Credential | null> {
    return readCredential(this.#records, keyId)
  }

  keyDigest (keyId: string): Promise<Buffer | null> {
    return readKeyDigest(this.#records, keyId)
  }

  subscribe (listener: (change: DirectoryChange) => void): () => void {
    return this.#changes.subscribe(listener)
  }

  setUp (seed: Seed, by: Actor): Promise<{ readonly first: boolean, readonly setup: Setup }> {
    return setUp(this.#writer, seed, by)
  }

  async close (): Promise<void> {
    await Promise.all(this.#stops.map(stop => stop()))
    await this.#lastUsed.flush().catch(forgiveOutage)
    await this.#records.close()
  }

  async #keepHouse (now: number): Promise<void> {
    await this.#lastUsed.flush()
    await forgetOld(this.#records, now)
  }
}
