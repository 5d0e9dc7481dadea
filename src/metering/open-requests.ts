import { NamedPlaces } from '../collections/named-places.ts'
import type { Reservation } from './reservation.ts'

/** An admitted request whose end is not known yet. */
export interface OpenRequest {
  /** As it was last seen. */
  readonly reservation: Reservation
  /** When its lease runs out, unix ms. */
  readonly expiresMs: number
}

/** The open requests of one process, by rid. */
export class OpenRequests extends NamedPlaces<OpenRequest> {
  /** Those whose lease ran out before `nowMs`, oldest first, at most `limit`. */
  expired (nowMs: number, limit: number): OpenRequest[] {
    const all: OpenRequest[] = []
    for (const request of this.values()) {
      if (request.expiresMs <= nowMs) all.push(request)
    }
    return all.sort((a, b) => a.expiresMs - b.expiresMs).slice(0, limit)
  }
}
