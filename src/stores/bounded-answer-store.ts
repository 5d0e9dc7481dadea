import type { Answer, AnswerKey, AnswerStats, AnswerStore, Awaited, Claim, Lease, Resignation } from './answer-store.ts'
import { Gate } from './redis/gate.ts'
import { StoreUnavailableError } from './unavailable.ts'

/** Deadlines, ms. A look-up stands between a caller and its answer; for all else nobody waits. */
const deadlines = { lookUp: 50, aside: 1000 }
/** Asked for to find out whether the store answers again. */
const nobodysKey: AnswerKey = { project: '', fingerprint: '' }

export type AnswerOperation = 'get' | 'claim' | 'renew' | 'put' | 'resign' | 'wait'

/** Told of what goes wrong, for metrics and the log. */
export interface AnswerStoreListener {
  onFailure (operation: AnswerOperation, error: unknown): void
  /** False: the store is failing, and is spared until it answers a probe. */
  onChange (available: boolean): void
}

/**
 * A store that always answers soon: what does not is StoreUnavailableError. While it is failing it is spared, so that an outage
 * costs callers nothing. Statistics and purges are an operator's and take their time.
 */
export class BoundedAnswerStore implements AnswerStore {
  readonly #store: AnswerStore
  readonly #listener: AnswerStoreListener
  readonly #gate: Gate

  constructor (store: AnswerStore, listener: AnswerStoreListener) {
    this.#store = store
    this.#listener = listener
    this.#gate = new Gate({
      name: 'the answer store',
      probe: () => within(deadlines.lookUp, store.get(nobodysKey)),
      onChange: available => { listener.onChange(available) }
    })
  }

  get (key: AnswerKey): Promise<Answer | null> {
    return this.#guarded('get', deadlines.lookUp, () => this.#store.get(key))
  }

  claim (key: AnswerKey, ms: number, refresh: boolean): Promise<Claim> {
    return this.#guarded('claim', deadlines.lookUp, () => this.#store.claim(key, ms, refresh), claim => { this.#giveBack(claim) })
  }

  renew (lease: Lease, ms: number): Promise<boolean> {
    return this.#guarded('renew', deadlines.aside, () => this.#store.renew(lease, ms))
  }

  put (lease: Lease, answer: Answer, ttlMs: number): Promise<boolean> {
    return this.#guarded('put', deadlines.aside, () => this.#store.put(lease, answer, ttlMs))
  }

  resign (lease: Lease, how: Resignation): Promise<void> {
    return this.#guarded('resign', deadlines.aside, () => this.#store.resign(lease, how))
  }

  /** Past the gate, which also bounds the calls that are under way: waits are long, and there is one a key. */
  wait (key: AnswerKey, ms: number): Promise<Awaited> {
    return this.#inTime('wait', ms + deadlines.aside, () => this.#store.wait(key, ms))
  }

  stats (project?: string): Promise<AnswerStats> {
    return this.#store.stats(project)
  }

  purge (project: string): Promise<number> {
    return this.#store.purge(project)
  }

  close (): Promise<void> {
    this.#gate.close()
    return this.#store.close()
  }

  #guarded<Result> (operation: AnswerOperation, ms: number, work: () => Promise<Result>, tooLate?: (result: Result) => void): Promise<Result> {
    return this.#gate.call(() => this.#inTime(operation, ms, work, tooLate))
  }

  /** @param tooLate takes a result that came after the deadline */
  async #inTime<Result> (operation: AnswerOperation, ms: number, work: () => Promise<Result>, tooLate: (result: Result) => void = () => {}): Promise<Result> {
    const result = work()
    try {
      return await within(ms, result)
    } catch (error) {
      this.#listener.onFailure(operation, error)
      result.then(tooLate, () => {})
      throw error
    }
  }

  /** Whoever asked has gone on alone: nobody should wait for a leader that does not know of it. */
  #giveBack (claim: Claim): void {
    if (claim.is === 'leader') this.#store.resign(claim.lease, 'vacant').catch(() => {})
  }
}

/** After a late timer, what has arrived meanwhile is read first: an event loop that was held up is not the store's failure. */
async function within<Result> (ms: number, result: Promise<Result>): Promise<Result> {
  const { promise: expiry, reject } = Promise.withResolvers<never>()
  const expire = (): void => { reject(new StoreUnavailableError('the answer store', `no answer in ${ms} ms`)) }
  const timer = setTimeout(() => { setImmediate(expire) }, ms)
  try {
    return await Promise.race([result, expiry])
  } finally {
    clearTimeout(timer)
  }
}
