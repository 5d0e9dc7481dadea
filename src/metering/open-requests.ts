import { Places } from '../collections/places.ts'
import type { Reservation } from './reservation.ts'

/** An admitted request whose end is not known yet. */
export interface OpenRequest {
  /** As it was last seen. */
  readonly reservation: Reservation
  /** When its lease runs out, unix ms. */
  readonly expiresMs: number
}

/** The open requests of one process, by rid. */
export class OpenRequests {
  readonly #requests = new Places<OpenRequest>()
  /** Numbers only: what a map held stays in memory for long (`Places`). */
  readonly #places = new Map<string, number>()

  get size (): number {
    return this.#requests.size
  }

  has (rid: string): boolean {
    return this.#places.has(rid)
  }

  get (rid: string): OpenRequest | null {
    const place = this.#places.get(rid)
    return place === undefined ? null : this.#requests.get(place)
  }

  /** Adds a request, or takes what is newly known of it. */
  set (request: OpenRequest): void {
    const { rid } = request.reservation
    this.delete(rid)
    this.#places.set(rid, this.#requests.add(request))
  }

  delete (rid: string): void {
    const place = this.#places.get(rid)
    if (place === undefined) return
    this.#places.delete(rid)
    this.#requests.remove(place)
  }

  /** Those whose lease ran out before `nowMs`, oldest first, at most `limit`. */
  expired (nowMs: number, limit: number): OpenRequest[] {
    const all: OpenRequest[] = []
    for (const request of this.#requests.values()) {
      if (request.expiresMs <= nowMs) all.push(request)
    }
    return all.sort((a, b) => a.expiresMs - b.expiresMs).slice(0, limit)
  }
}
