import type { Found } from '../measure.ts'
import { jsonWork } from '../works.ts'
import { aimText, verdict } from './aim.ts'
import { cpu, instructions, less, middle, middleText, seriesOf, span } from './series.ts'
import { table } from './table.ts'

/** µs a request, both together. */
const aims = { sqlite: { aim: 15, stretch: null }, redis: { aim: 20, stretch: null } }

/** What limits and metering cost a request: the same gateway with them less one without, round by round. */
export function ledgerTable ({ contestants: { main }, comparison }: Found): string {
  const rows = main.map(target => {
    if (target.gateway === null || comparison === null) return null
    const { readings, without } = comparison
    const aim = aims[target.gateway.store]
    const difference = less(seriesOf(readings, jsonWork, target, cpu), seriesOf(readings, jsonWork, without, cpu))
    const counted = less(seriesOf(readings, jsonWork, target, instructions), seriesOf(readings, jsonWork, without, instructions))
    return [target.name, span(difference, 1), aimText(aim), verdict(middle(difference), aim), middleText(counted, 0)]
  })
  return table(['admission and settlement', 'CPU µs a request', 'aim', '', 'k instructions'], rows.filter(row => row !== null))
}
