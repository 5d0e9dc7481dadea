/**
 * `npm run chaos`: whatever dies, is any usage lost, doubled or overspent? Plays every scenario with a Redis, three gateways and an upstream of
 * its own, prints a line for each, and exits 1 when one failed. What the columns mean: docs/operations.md. Names of scenarios as arguments: only those.
 */
import { parseArgs } from 'node:util'
import { ensureSystemPackages } from '../../scripts/system-packages.ts'
import type { Figures } from './judge.ts'
import { run } from './run.ts'
import { scenarios } from './scenarios.ts'
import { Teardowns } from './teardown.ts'

const columns = ['sent', 'exact', 'partial', 'estimated', 'void', 'lost', 'doubled', 'overspent'] as const satisfies ReadonlyArray<keyof Figures>
const shownFaults = 20

const { values: { rate }, positionals } = parseArgs({ allowPositionals: true, options: { rate: { type: 'string', default: '200' } } })

ensureSystemPackages(['redis'])
console.log(['scenario', ...columns].join(' '))
const t = new Teardowns()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { void t.run().then(() => process.exit(1)) })
for (const scenario of scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  try {
    const { figures, faults, refusals, longestWait, restMs } = await run(t, scenario, Number(rate))
    console.log([scenario.name, ...columns.map(column => figures[column])].join(' '))
    console.error(`  refused ${JSON.stringify(refusals)}, longest wait ${Math.round(longestWait)} ms, at rest after ${(restMs / 1000).toFixed(1)} s`)
    for (const fault of faults.slice(0, shownFaults)) console.error(`  ${fault}`)
    if (faults.length > shownFaults) console.error(`  and ${faults.length - shownFaults} more`)
    if (faults.length > 0) process.exitCode = 1
  } catch (error) {
    console.error(`${scenario.name}: ${String(error)}`)
    process.exitCode = 1
  } finally {
    await t.run()
  }
}
