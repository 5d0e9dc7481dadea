/** One credential of the gateway's account with an upstream. */
export interface UpstreamKey {
  readonly value: string
  /** Share of the requests, relative to the other keys. */
  readonly weight: number
}

interface Slot {
  readonly key: UpstreamKey
  /** Smooth weighted round robin: the slot with the highest credit is next. */
  credit: number
  /** Monotonic ms until which the key rests. */
  restsUntil: number
}

/**
 * The keys of one upstream in smooth weighted round robin (the order of nginx's upstream module): weights 3 and 1 give a, a, b, a.
 * A key that was refused (401, 403) or limited (429) rests while another can serve. When all rest, the one whose rest ends first is
 * used all the same: limits are per model with most providers, and it is the upstream's place to refuse.
 */
export class KeyRing {
  readonly #slots: Slot[]

  constructor (keys: readonly UpstreamKey[]) {
    this.#slots = keys.map(key => ({ key, credit: 0, restsUntil: 0 }))
  }

  get size (): number {
    return this.#slots.length
  }

  /** The next key at `now` (monotonic ms) that is not among the `tried` ones; null when there is none left. */
  next (now: number, tried: readonly UpstreamKey[] = []): UpstreamKey | null {
    let best: Slot | null = null
    let total = 0
    for (const slot of this.#slots) {
      if (slot.restsUntil > now || tried.includes(slot.key)) continue
      slot.credit += slot.key.weight
      total += slot.key.weight
      if (best === null || slot.credit > best.credit) best = slot
    }
    if (best === null) return this.#firstToWake(tried)
    best.credit -= total
    return best.key
  }

  /** Lets a key rest until `until` (monotonic ms). */
  rest (key: UpstreamKey, until: number): void {
    for (const slot of this.#slots) {
      if (slot.key === key) slot.restsUntil = Math.max(slot.restsUntil, until)
    }
  }

  #firstToWake (tried: readonly UpstreamKey[]): UpstreamKey | null {
    let first: Slot | null = null
    for (const slot of this.#slots) {
      if (!tried.includes(slot.key) && (first === null || slot.restsUntil < first.restsUntil)) first = slot
    }
    return first === null ? null : first.key
  }
}
