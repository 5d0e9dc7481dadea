import { machineFacts } from '../machine.ts'
import type { Found } from '../measure.ts'
import { lowerQuartile, median } from '../measure/quantile.ts'
import type { Target } from '../stand/target.ts'
import { jsonWork, stampedWork } from '../works.ts'
import type { Work } from '../works.ts'
import { figuresTable } from './figures-table.ts'
import type { Compared, Figures } from './figures-table.ts'
import { worksTable } from './works-table.ts'

export interface RunFacts {
  readonly minutes: number
  readonly rounds: number
}

/** The whole report, in Markdown: bench/results.md, and what the terminal shows. */
export function report (found: Found, { minutes, rounds }: RunFacts): string {
  const { works, leftOut, yardstick, targets, readings, timings } = found
  return [
    '# What a request costs',
    '',
    'Written by `npm run bench`; how it measures: [docs/benchmarks.md](../docs/benchmarks.md).',
    '',
    ...[...machineFacts(), `${new Date().toISOString().slice(0, 10)}, ${rounds} rounds in ${minutes.toFixed(1)} minutes; ${noise(found)}`].map(fact => `- ${fact}`),
    '',
    '## CPU time, 64 requests in flight',
    '',
    'Lower quartile · median of the rounds; ratios are taken within a round, and the median is held against the aim (the stretch in brackets).',
    '',
    worksTable(works, yardstick, targets, readings, timings),
    '',
    ...leftOut.map(reason => `Not measured: ${reason}\n`),
    '## Latency, memory, health',
    '',
    figuresTable([...found.footprints.keys()].map(target => figuresOf(found, target))),
    ''
  ].join('\n')
}

function figuresOf ({ yardstick, readings, timings, footprints, rates }: Found, target: Target): Figures {
  const compared = (work: Work): Compared => ({ own: timings.get(work)?.get(target) ?? [], nginx: timings.get(work)?.get(yardstick) ?? [] })
  const footprint = footprints.get(target)
  if (footprint === undefined) throw new Error(`nothing is known of the memory of ${target.name}`)
  return {
    target,
    json: compared(jsonWork),
    stream: compared(stampedWork),
    footprint,
    loops: [...readings.values()].flatMap(byTarget => byTarget.get(target) ?? []).flatMap(({ loop }) => loop ?? []),
    rates: new Map(Array.from(rates.get(target) ?? [], ([bound, own]) => [bound, { own, nginx: rates.get(yardstick)?.get(bound) ?? 0 }]))
  }
}

/** What other programs took: figures of a crowded machine deserve less trust. */
function noise ({ readings, targets }: Found): string {
  const shares = [...readings.values()].flatMap(byTarget => targets.flatMap(target => byTarget.get(target) ?? [])).map(({ waitedShare }) => waitedShare * 100)
  return `the gateways waited for their core ${lowerQuartile(shares).toFixed(0)} to ${median(shares).toFixed(0)} % of the time`
}
