import { machineFacts } from '../machine.ts'
import { canCountInstructions } from '../measure/instructions.ts'
import { lowerQuartile, median } from '../measure/quantile.ts'
import type { Found } from '../measure.ts'
import { answersTable } from './answers-table.ts'
import { figuresTable } from './figures-table.ts'
import { ledgerTable } from './ledger-table.ts'
import { worksTable } from './works-table.ts'

/** The whole report, in Markdown: bench/results.md, and what the terminal shows. */
export function report (found: Found, minutes: number): string {
  return [
    '# What a request costs',
    '',
    'Written by `npm run bench`; how it measures: [docs/benchmarks.md](../docs/benchmarks.md).',
    '',
    ...[
      ...machineFacts(),
      `${new Date().toISOString().slice(0, 10)}, ${roundsOf(found)} rounds, ${minutes.toFixed(1)} minutes in all; ${noise(found)}`,
      ...canCountInstructions ? [] : ['instructions are not counted: `perf` is missing, or the machine has no counters']
    ].map(fact => `- ${fact}`),
    '',
    ...failed(found.failures),
    '## What each work costs, 64 requests in flight',
    '',
    'Lower quartile · median of the rounds; ratios are taken within a round, and the median is held against the aim (the stretch in brackets). Instructions: thousands, median.',
    '',
    worksTable(found),
    '',
    '## Reproducible answers',
    '',
    answersTable(found),
    '',
    '## Admission and settlement',
    '',
    ledgerTable(found),
    '',
    '## Latency, memory, health',
    '',
    figuresTable(found),
    ''
  ].join('\n')
}

function failed (failures: readonly string[]): string[] {
  return failures.length === 0 ? [] : ['## What failed', '', ...failures.map(reason => `- ${reason}`), '']
}

function roundsOf ({ readings }: Found): number {
  return Math.max(0, ...Array.from(readings.values(), byTarget => Math.max(0, ...Array.from(byTarget.values(), list => list.length))))
}

/** What other programs took: figures of a crowded machine deserve less trust. */
function noise ({ readings, stolenShare }: Found): string {
  const all = [...readings.values()].flatMap(byTarget => [...byTarget].filter(([{ gateway }]) => gateway !== null).flatMap(([, list]) => list))
  const shares = all.flatMap(reading => reading === null ? [] : [reading.waitedShare * 100])
  return `the gateways waited for their core ${lowerQuartile(shares).toFixed(0)} to ${median(shares).toFixed(0)} % of the time, and the host gave ${(stolenShare * 100).toFixed(1)} % of what the cores had to do to other machines`
}
