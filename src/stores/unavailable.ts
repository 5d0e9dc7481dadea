/** The store did not answer: the result is unknown, which is neither yes nor no. */
export class StoreUnavailableError extends Error {
  override readonly name: string = 'StoreUnavailableError'

  constructor (store: string, cause: unknown) {
    super(`${store} did not answer`, { cause })
  }
}

/** For work that may be left undone while the store is away. Other errors are thrown on. */
export function forgiveOutage (error: unknown): void {
  if (!(error instanceof StoreUnavailableError)) throw error
}
