/** What the directory holds. Times are Unix seconds, as in OpenAI's API; money is integer nano-USD; null means "none" or "no limit". */
import type { FailureMode, Reservation } from '../../metering/reservation.ts'

/** Where an object is declared. Objects of the configuration file can be changed only there. */
export type Source = 'api' | 'file'

/** Limits for one model, or for all models together that have no limits of their own: `*`. */
export interface RateLimit {
  readonly model: string
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly requestsPerDay: number | null
  readonly concurrency: number | null
  /** Counts and reports, and never denies. */
  readonly shadow: boolean
}

/** Model names with `*` as a wildcard. */
export interface ModelPermissions {
  readonly mode: 'allow_list' | 'deny_list'
  readonly modelIds: readonly string[]
}

/** A limit on what a calendar month may cost. */
export interface SpendLimit {
  readonly amountNanoUsd: number
  readonly shadow: boolean
}

/** A call of a webhook when a calendar month has cost this much. */
export interface SpendAlert {
  readonly id: string
  readonly thresholdNanoUsd: number
  readonly webhookUrl: string
}

export interface ProjectSettings {
  /** What happens while the shared store is away. Null: `closed` with a spend limit, `local` without. */
  readonly failureMode: FailureMode | null
  /** Who may be given the project's reproducible answers. */
  readonly answers: 'off' | 'project' | 'organization'
}

/** The company: what holds for all projects together. There is one. */
export interface Organization {
  readonly id: 'organization'
  readonly spendLimit: SpendLimit | null
  readonly spendAlerts: readonly SpendAlert[]
  readonly source: Source
}

/** The organization before anything was set for it: it is always there. */
export const newOrganization: Organization = { id: 'organization', spendLimit: null, spendAlerts: [], source: 'api' }

/** A team, with everything that is set for it. */
export interface Project {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly archivedAt: number | null
  readonly rateLimits: readonly RateLimit[]
  /** Null: every model. */
  readonly models: ModelPermissions | null
  readonly spendLimit: SpendLimit | null
  readonly spendAlerts: readonly SpendAlert[]
  readonly settings: ProjectSettings
  readonly source: Source
}

/** An application of a team. Keys belong to one. */
export interface ServiceAccount {
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly createdAt: number
  readonly deletedAt: number | null
  readonly source: Source
}

/** A key as it is stored: never the secret, only its HMAC-SHA256 under the pepper. */
export interface KeyRecord {
  /** The public part of the key: `sk-tg_<id>_…`. */
  readonly id: string
  /** 32 bytes. */
  readonly digest: Buffer
  readonly projectId: string
  readonly serviceAccountId: string
  readonly name: string
  /** First and last characters, for people: `sk-tg_ab12…wxyz`. */
  readonly redacted: string
  /** Null: everything a key may do. */
  readonly scopes: readonly string[] | null
  /** Tighter than the project's; empty: only the project's hold. */
  readonly rateLimits: readonly RateLimit[]
  readonly spendLimit: SpendLimit | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly source: Source
}

/** A key for the admin API. */
export interface AdminKey {
  readonly id: string
  readonly digest: Buffer
  readonly name: string
  readonly redacted: string
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** `file`: given to the process (`TOLLGATE_ADMIN_KEY`), not made through the API. */
  readonly source: Source
}

/** Who changes something. */
export interface Actor {
  readonly type: 'admin_key' | 'command_line' | 'configuration' | 'system'
  /** The admin key's id, the file's path; null where there is none. */
  readonly id: string | null
  /** The address of the client, null for changes that no client asked for. */
  readonly address: string | null
}

/** One change of one object. Named as in OpenAI's audit log. */
export interface AuditEntry {
  readonly id: string
  /** `project.created`, `rate_limit.updated`, … */
  readonly type: string
  readonly at: number
  readonly actor: Actor
  readonly objectKind: 'organization' | 'project' | 'service_account' | 'api_key' | 'admin_key'
  readonly objectId: string
  readonly projectId: string | null
  /** The fields that changed, as they were and as they are. Null where the object was not there. */
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

/** Left by the first start. */
export interface Setup {
  readonly id: 'setup'
  readonly at: number
  /** Tells whether a process has the pepper that the keys were hashed under. Says nothing about the pepper itself. */
  readonly pepperMark: string
}

/** To whom a response, conversation or stored completion of an upstream belongs. */
export interface Owner {
  readonly projectId: string
  readonly upstream: string
  /** The request that began it, where what it uses was not known yet. */
  readonly begunBy?: BegunBy
}

/** As much of a request as its settlement needs. */
export interface BegunBy extends Pick<Reservation, 'rid' | 'keyId' | 'model' | 'endpoint' | 'period'> {
  /** Of its prompt, by estimate. */
  readonly inputTokens: number
}
