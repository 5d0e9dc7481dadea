import { amountNames, noAmounts } from '../../metering/amounts.ts'
import { decodeReservation } from '../../metering/reservation.ts'
import type { Reservation } from '../../metering/reservation.ts'
import type { UsageCell } from '../../metering/usage.ts'
import type { Endpoint } from '../../openai/call.ts'

/** Reads a reservation as `ledger-admit.lua` keeps it: the month that pays, a line break, and what the gateway knows. */
export function decodeRecord (projectId: string, record: string): Reservation {
  const end = record.indexOf('\n')
  return decodeReservation(projectId, record.slice(0, end), record.slice(end + 1))
}

/**
 * Reads the sums of a day by the hour, or of an hour by the minute: `<hour or minute>|<amount>|<endpoint>|<key>|<model>` → integer.
 * `size` is the width of one, ms.
 */
export function decodeSums (projectId: string, startMs: number, size: number, sums: Readonly<Record<string, string>>): UsageCell[] {
  const cells = new Map<string, UsageCell & { readonly amounts: number[] }>()
  for (const [field, value] of Object.entries(sums)) {
    const [place = '', amount = '', endpoint = '', keyId = '', ...model] = field.split('|')
    const name = field.slice(0, place.length + 1) + field.slice(place.length + amount.length + 2)
    let cell = cells.get(name)
    if (cell === undefined) {
      cell = { projectId, startMs: startMs + Number(place) * size, endpoint: endpoint as Endpoint, keyId, model: model.join('|'), amounts: noAmounts() }
      cells.set(name, cell)
    }
    // They are numbered from 1.
    if (Number(amount) <= amountNames.length) cell.amounts[Number(amount) - 1] = Number(value)
  }
  return [...cells.values()]
}
