import type { Found } from '../measure.ts'
import type { Target } from '../stand/target.ts'
import { jsonHit, jsonMiss, streamHit, streamMiss } from '../works.ts'
import type { Work } from '../works.ts'
import { cpu, instructions, middle, middleText, orDash, over, seriesOf } from './series.ts'
import { table } from './table.ts'

const header = ['reproducible answer', 'through', 'a second, on one core', 'CPU µs', 'k instructions', 'CPU × static']

/** Hits beside misses of the same work, and beside nginx with the same bytes. */
export function answersTable ({ readings, contestants: { yardstick, main, fixed } }: Found): string {
  const gateways = main.filter(({ gateway }) => gateway !== null)
  const line = (name: string, work: Work, target: Target, hit: Work): string[] => {
    const own = seriesOf(readings, work, target, cpu)
    return [
      name, target.name,
      orDash(1e6 / middle(own), value => value.toFixed(0)),
      middleText(own, 1),
      middleText(seriesOf(readings, work, target, instructions), 0),
      middleText(over(own, seriesOf(readings, hit, fixed, cpu)), 1)
    ]
  }
  return table(header, [['JSON', jsonHit, jsonMiss] as const, ['stream', streamHit, streamMiss] as const].flatMap(([shape, hit, miss]) => [
    ...gateways.map(target => line(`${shape}, hit`, hit, target, hit)),
    ...gateways.map(target => line(`${shape}, miss`, miss, target, hit)),
    line(`${shape}, fixed bytes`, hit, fixed, hit),
    line(`${shape}, passed on`, hit, yardstick, hit)
  ]))
}
