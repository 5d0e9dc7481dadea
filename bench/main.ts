/**
 * `npm run bench`: what a request through the gateway costs, as a multiple of what nginx needs for the same hop in the same minute.
 * Starts all it needs by itself and writes bench/results.md. How it measures, and why so: docs/benchmarks.md.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkOut } from './checkout.ts'
import { prepareMachine } from './machine.ts'
import { measure } from './measure.ts'
import type { Extent } from './measure.ts'
import { report } from './report/report.ts'
import type { StoreName } from './stand/gateway.ts'

const quick: Extent = { rounds: 1, readingMs: 250, warmUpMs: 120, alone: 50, ratesMs: null, steadySeconds: 1, waiting: { streams: 1_000, holdMs: 1_600, restMs: 500 } }
const full: Extent = { rounds: 11, readingMs: 450, warmUpMs: 900, alone: 1_000, ratesMs: 700, steadySeconds: 10, waiting: { streams: 1_000, holdMs: 8_000, restMs: 3_000 } }

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Also measures another gateway from npm, without keys, limits or metering, in the same rounds. */
    peers: { type: 'boolean', default: false },
    stores: { type: 'string', default: 'sqlite,redis' },
    /** Only works whose name contains this. */
    only: { type: 'string', default: '' },
    /** A commit to be measured beside the working tree, in the same rounds: did a change pay? */
    against: { type: 'string' },
    rounds: { type: 'string' }
  }
})

prepareMachine()
const extent = { ...options.quick ? quick : full, ...options.rounds === undefined ? {} : { rounds: Number(options.rounds) } }
const started = performance.now()
const found = await measure({
  stores: options.stores.split(',') as StoreName[],
  only: options.only,
  against: options.against === undefined ? null : checkOut(options.against),
  peers: options.peers,
  workers: !options.quick,
  extent
})
const text = report(found, (performance.now() - started) / 60_000)
console.log(text)
// A quick run shows that everything works; its figures are not to be kept.
if (!options.quick && options.only === '' && options.against === undefined) writeFileSync('bench/results.md', text)
process.exitCode = found.failures.length === 0 ? 0 : 1
