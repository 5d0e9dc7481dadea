import type {
  Actor, AdminKey, AuditEntry, KeyRecord, Organization, Owner, Project, ServiceAccount, Setup
} from './directory/objects.ts'

export type * from './directory/objects.ts'
export { DirectoryError } from './directory/directory-error.ts'

/**
 * Projects (teams), service accounts (applications), keys, and what is set for them.
 *
 * - Every write is idempotent: the caller mints the id, and the same write again changes nothing and is not audited again.
 * - Every change is recorded in the audit log in the transaction that makes it.
 * - A write that can't be done rejects with DirectoryError. A failing store rejects with StoreUnavailableError,
 *   never with "not found": the two must not be confused (an outage is not a 401).
 */
export interface Directory {
  readonly organization: OrganizationStore
  readonly projects: ProjectsStore
  readonly serviceAccounts: ServiceAccountsStore
  readonly keys: KeysStore
  readonly adminKeys: AdminKeysStore
  readonly declared: DeclaredStore
  readonly audit: AuditStore
  readonly owners: OwnersStore
  /** The key and all that admission needs to know of its bearer, or null when there is no such key. Ask `credentialFault` whether it is good. */
  credential (keyId: string): Promise<Credential | null>
  /** What a stranger's secret is compared with, or null when there is no such key. The time that it takes does not tell which. */
  keyDigest (keyId: string): Promise<Buffer | null>
  /** Told of every change within 2 s, whichever process made it. Returns the way to stop. */
  subscribe (listener: (change: DirectoryChange) => void): () => void
  /** Makes the first objects at the first start of all; later, and in every other process, only reads what that start left. */
  setUp (seed: Seed, by: Actor): Promise<{ readonly first: boolean, readonly setup: Setup }>
  close (): Promise<void>
}

/** What a key's bearer is. */
export interface Credential {
  readonly key: KeyRecord
  readonly serviceAccount: ServiceAccount
  readonly project: Project
  readonly organization: Organization
  /** Another text whenever any of the four has changed. */
  readonly version: string
}

/** What may have changed, for whoever caches credentials. */
export interface DirectoryChange {
  /** All credentials: drop everything. */
  readonly everything: boolean
  readonly projectIds: readonly string[]
  /** Keys and admin keys. */
  readonly keyIds: readonly string[]
}

export interface PageQuery {
  /** The id of the last object of the page before. */
  readonly after?: string | undefined
  readonly limit: number
  /** By creation. */
  readonly order: 'asc' | 'desc'
}

export interface Page<Item> {
  readonly data: readonly Item[]
  readonly hasMore: boolean
}

export type ProjectPatch = Partial<Pick<Project, 'name' | 'rateLimits' | 'models' | 'spendLimit' | 'spendAlerts' | 'settings'>>
export type NewProject = Pick<Project, 'id' | 'name'> & ProjectPatch
export type OrganizationPatch = Partial<Pick<Organization, 'spendLimit' | 'spendAlerts'>>
export type NewServiceAccount = Pick<ServiceAccount, 'id' | 'projectId' | 'name'>
export type KeyPatch = Partial<Pick<KeyRecord, 'name' | 'scopes' | 'rateLimits' | 'spendLimit' | 'expiresAt'>>
export type NewKey = Pick<KeyRecord, 'id' | 'digest' | 'projectId' | 'serviceAccountId' | 'name' | 'redacted'> & KeyPatch
export type NewAdminKey = Pick<AdminKey, 'id' | 'digest' | 'name' | 'redacted'> & Partial<Pick<AdminKey, 'expiresAt'>>

export interface OrganizationStore {
  get (): Promise<Organization>
  update (change: (now: Organization) => OrganizationPatch, by: Actor): Promise<Organization>
}

export interface ProjectsStore {
  create (project: NewProject, by: Actor): Promise<Project>
  get (id: string): Promise<Project | null>
  list (query: PageQuery & { readonly includeArchived: boolean }): Promise<Page<Project>>
  /** `change` gets the project as it is and may be called again when another writer was faster. */
  update (id: string, change: (now: Project) => ProjectPatch, by: Actor): Promise<Project>
  archive (id: string, by: Actor): Promise<Project>
}

export interface ServiceAccountsStore {
  create (account: NewServiceAccount, by: Actor): Promise<ServiceAccount>
  get (id: string): Promise<ServiceAccount | null>
  list (projectId: string, query: PageQuery): Promise<Page<ServiceAccount>>
  rename (id: string, name: string, by: Actor): Promise<ServiceAccount>
  /** Revokes the account's keys with it. */
  delete (id: string, by: Actor): Promise<ServiceAccount>
}

export interface KeysStore {
  create (key: NewKey, by: Actor): Promise<KeyRecord>
  get (id: string): Promise<KeyRecord | null>
  /** Without revoked keys. */
  list (projectId: string, query: PageQuery): Promise<Page<KeyRecord>>
  update (id: string, change: (now: KeyRecord) => KeyPatch, by: Actor): Promise<KeyRecord>
  revoke (id: string, by: Actor): Promise<KeyRecord>
  /** Remembers that the key was used now. Costs no write: they are gathered and stored once a minute. */
  noteUse (id: string): void
  /** When each key was last used, in Unix seconds, or null; the last minute may be missing. */
  lastUsedAt (ids: readonly string[]): Promise<ReadonlyArray<number | null>>
}

export interface AdminKeysStore {
  create (key: NewAdminKey, by: Actor): Promise<AdminKey>
  get (id: string): Promise<AdminKey | null>
  list (query: PageQuery): Promise<Page<AdminKey>>
  revoke (id: string, by: Actor): Promise<AdminKey>
  /** Makes the given key the only one that did not come through the API; null: none. */
  declare (key: NewAdminKey | null, by: Actor): Promise<void>
  noteUse (id: string): void
  lastUsedAt (ids: readonly string[]): Promise<ReadonlyArray<number | null>>
}

/** What the configuration file declares. An object of the file that is missing here is archived, deleted or revoked. */
export interface Declared {
  readonly organization: OrganizationPatch | null
  readonly projects: readonly NewProject[]
  readonly serviceAccounts: readonly NewServiceAccount[]
  readonly keys: readonly NewKey[]
}

export interface DeclaredChange {
  readonly action: 'create' | 'update' | 'retire'
  readonly kind: 'organization' | 'project' | 'service_account' | 'api_key'
  readonly id: string
  /** The names of the fields that differ. */
  readonly fields: readonly string[]
}

export interface DeclaredStore {
  /** What `apply` would change. */
  diff (declared: Declared): Promise<readonly DeclaredChange[]>
  /** Makes the file's objects what the file says: all of them, or none. An object made through the API under the same id becomes the file's. */
  apply (declared: Declared, by: Actor): Promise<readonly DeclaredChange[]>
}

export interface AuditFilter {
  readonly types?: readonly string[] | undefined
  readonly projectIds?: readonly string[] | undefined
  readonly actorIds?: readonly string[] | undefined
  readonly objectIds?: readonly string[] | undefined
  /** Unix seconds, inclusive. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

export interface AuditStore {
  list (query: PageQuery & AuditFilter): Promise<Page<AuditEntry>>
}

export interface OwnersStore {
  /** Records to whom an upstream's object belongs, for `ttlSeconds`. The first record holds: returns the owner that is recorded. */
  record (objectId: string, owner: Owner, ttlSeconds: number): Promise<Owner>
  get (objectId: string): Promise<Owner | null>
  delete (objectId: string): Promise<void>
}

/** The objects that the first start makes. */
export interface Seed {
  readonly pepperMark: string
  readonly project: NewProject
  readonly serviceAccount: NewServiceAccount
  readonly key: NewKey | null
  readonly adminKey: NewAdminKey | null
}
