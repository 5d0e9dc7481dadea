/**
 * Where reproducible answers are remembered, and where replicas agree who fetches one. A failing store rejects with
 * StoreUnavailableError; whoever asks then goes on without it.
 */

/** Which answer. The fingerprint already depends on whose it is; the project is here so that its answers can be purged. */
export interface AnswerKey {
  /** The project, or the name of a group that shares its answers: the same in the fingerprint. */
  readonly project: string
  /** 43 characters of base64url. */
  readonly fingerprint: string
}

export interface Answer {
  /** The final object's JSON, as it is sent. */
  readonly body: Buffer
  /** Unix ms. */
  readonly storedAt: number
}

/** The right to fetch one answer for all who wait for it. It lapses by itself when it is not renewed. */
export interface Lease extends AnswerKey {
  /** Tells this holder from a later one. */
  readonly token: string
}

export type Claim =
  | { readonly is: 'stored', readonly answer: Answer }
  | { readonly is: 'leader', readonly lease: Lease }
  | { readonly is: 'follower' }

/**
 * How a wait ended: with the answer; with the word that there will be none (`failed`); with nobody fetching it any more
 * (`vacant`: the leader died or left); or with the waiter's own deadline.
 */
export type Awaited =
  | { readonly is: 'stored', readonly answer: Answer }
  | { readonly is: 'failed' | 'vacant' | 'timeout' }

/** How a leader gives up: the answer cannot be had or kept, or its own caller left and another may try. */
export type Resignation = 'failed' | 'vacant'

export interface AnswerStats {
  readonly answers: number
  /** As stored: compressed and encrypted. */
  readonly bytes: number
}

export interface AnswerStore {
  /** Null for what is not there, has expired, or is not what was stored. */
  get (key: AnswerKey): Promise<Answer | null>

  /**
   * One of those who ask becomes the leader, at one point in time, whatever the number of replicas.
   *
   * @param ms for how long, unless renewed
   * @param refresh a stored answer does not count: it is to be replaced
   */
  claim (key: AnswerKey, ms: number, refresh: boolean): Promise<Claim>

  /** False when the lease has lapsed and is another's, or nobody's. */
  renew (lease: Lease, ms: number): Promise<boolean>

  /** Stores the leader's answer, ends its lease and wakes those who wait. False, and nothing stored, when the lease had lapsed before. */
  put (lease: Lease, answer: Answer, ttlMs: number): Promise<boolean>

  /** Ends a lease without an answer. */
  resign (lease: Lease, how: Resignation): Promise<void>

  /** Waits for the leader's end, at most `ms`. */
  wait (key: AnswerKey, ms: number): Promise<Awaited>

  /** Of one project, or of all. Counts what has not expired. Not for the request path: it may look at every answer. */
  stats (project?: string): Promise<AnswerStats>

  /** Deletes a project's answers; leases under way store nothing any more. Returns how many answers there were. */
  purge (project: string): Promise<number>

  close (): Promise<void>
}
