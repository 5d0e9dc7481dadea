/** A team. OpenAI's name for it. Times are Unix seconds, as in OpenAI's API. */
export interface Project {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly archivedAt: number | null
}

/** A key as it is stored: never the secret, only its HMAC-SHA256 under the pepper. */
export interface KeyRecord {
  /** The public part of the key: `sk-tg_<id>_…`. */
  readonly id: string
  /** 32 bytes. */
  readonly digest: Buffer
  readonly projectId: string
  readonly name: string
  /** First and last characters, for people: `sk-tg_ab12…wxyz`. */
  readonly redacted: string
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

/** What a key's bearer is: the key and the project it belongs to, read together. */
export interface Credential {
  readonly key: KeyRecord
  readonly project: Project
}

/**
 * Projects and keys. Every write is idempotent under its id. A failing store rejects with StoreUnavailableError,
 * never with "not found": the two must not be confused (an outage is not a 401).
 */
export interface Directory {
  createProject (project: Project): Promise<void>
  project (id: string): Promise<Project | null>
  createKey (key: KeyRecord): Promise<void>
  credential (keyId: string): Promise<Credential | null>
  revokeKey (id: string, at: number): Promise<boolean>
  close (): Promise<void>
}
