import type { JsonObject } from './json.ts'
import type { Draft, Status } from './response-object.ts'

export interface StoredResponse {
  readonly draft: Draft
  readonly input: readonly JsonObject[]
  /** The conversation up to and including this response, as text. */
  readonly conversation: string
  /** A background response is queued until somebody asks for it. */
  status: Status
}

/** The newest responses that were created with `store`, up to a bound. */
export class ResponseStore {
  readonly #maxResponses: number
  readonly #responses = new Map<string, StoredResponse>()

  constructor (maxResponses: number) {
    this.#maxResponses = maxResponses
  }

  add (stored: StoredResponse): void {
    this.#responses.set(stored.draft.id, stored)
    if (this.#responses.size <= this.#maxResponses) return
    const [oldest] = this.#responses.keys()
    if (oldest !== undefined) this.#responses.delete(oldest)
  }

  find (id: string): StoredResponse | undefined {
    return this.#responses.get(id)
  }

  delete (id: string): boolean {
    return this.#responses.delete(id)
  }
}
