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
 * A key that was refused (401, 403) or limited (429) rests; when all rest, there is none to give.
 */
export class KeyRing {
  readonly #slots: Slot[]

  constructor (keys: readonly UpstreamKey[]) {
    this.#slots = keys.map(key => ({ key, credit: 0, restsUntil: 0 }))
  }

  get size (): number {
    return this.#slots.length
  }

  /** The next key that does not rest at `now` (monotonic ms), or null. */
  next (now: number): UpstreamKey | null {
    let best: Slot | null = null
    let total = 0
    for (const slot of this.#slots) {
      if (slot.restsUntil > now) continue
      slot.credit += slot.key.weight
      total += slot.key.weight
      if (best === null || slot.credit > best.credit) best = slot
    }
    if (best === null) return null
    best.credit -= total
    return best.key
  }

  /** Lets a key rest until `until` (monotonic ms). */
  rest (key: UpstreamKey, until: number): void {
    for (const slot of this.#slots) {
      if (slot.key === key) slot.restsUntil = Math.max(slot.restsUntil, until)
    }
  }
}
