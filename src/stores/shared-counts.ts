export interface Count {
  readonly current: number
  /** Until it begins anew, ms. */
  readonly ttl: number
}

/** Counts that all replicas add to. Each begins anew a window after its first addition. */
export interface SharedCounts {
  /**
   * Adds to the counts of those names, and resolves to what they are now. `window` is in ms. Rejects while the store is away: what
   * was added is unknown.
   */
  add (additions: ReadonlyMap<string, number>, window: number): Promise<ReadonlyMap<string, Count>>
  close (): Promise<void>
}
