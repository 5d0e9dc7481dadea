/**
 * `npm run cluster:local`: two replicas over one Redis behind HAProxy, all on this machine, under 200 requests a second, a quarter of them
 * streams. Ten rolling restarts, in which no caller may see an error; then a replica is killed, and only what it was answering may fail.
 * Prints a table; the exit code is 1 when something else happened.
 */
import { parseArgs } from 'node:util'
import { printTable } from '../src/cli/table.ts'
import { killedReplica, rollingRestarts } from '../test/deploy/drills.ts'
import { startSite } from '../test/deploy/site.ts'
import { ensureSystemPackages } from './system-packages.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' }, rate: { type: 'string', default: '200' } } })
const rounds = Number(values.rounds)
const rate = Number(values.rate)

ensureSystemPackages(['redis', 'haproxy'])
const ends: Array<() => unknown> = []
try {
  const site = await startSite({ teardown: end => { ends.unshift(end) } })
  console.log(`two replicas behind ${site.url}, ${rate} requests a second`)
  const outcomes = [await rollingRestarts(site, { rounds, rate }), await killedReplica(site, { rate })]
  process.stdout.write(printTable(outcomes.map(({ faults, ...outcome }) => ({ ...outcome, verdict: faults.length === 0 ? 'ok' : 'NOT OK' }))))
  for (const { drill, faults } of outcomes) {
    for (const [fault, count] of counted(faults)) console.log(`${drill}: ${count} × ${fault}`)
  }
  if (outcomes.some(({ faults }) => faults.length > 0)) process.exitCode = 1
} finally {
  for (const end of ends) await end()
}

function counted (texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}
