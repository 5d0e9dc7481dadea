/** The store did not answer: the result is unknown, which is neither yes nor no. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'

  constructor (store: string, cause: unknown) {
    super(`${store} did not answer`, { cause })
  }
}
