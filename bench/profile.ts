/**
 * `npm run profile`: where the gateway's time and memory go under small JSON requests, by link of the chain, by part and by function. The raw
 * profiles are for Chrome DevTools: gateway.cpuprofile, gateway.heapsnapshot.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { countedLoad } from './load/counted.ts'
import type { LoadResult } from './load/wrk.ts'
import { prepareMachine } from './machine.ts'
import { Inspector } from './profile/inspector.ts'
import { profileAllocations, profileCpu, snapshotHeap } from './profile/read.ts'
import type { StoreName } from './stand/gateway.ts'
import { freePorts } from './stand/ports.ts'
import { buildStand } from './stand/stand.ts'
import { gatewayTarget } from './stand/target.ts'
import { jsonWork, works } from './works.ts'

const { values: options } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    seconds: { type: 'string', default: '10' },
    /** The first work whose name contains this. */
    work: { type: 'string', default: jsonWork.name },
    functions: { type: 'string', default: '50' }
  }
})

prepareMachine()
const store = options.store as StoreName
const work = works.find(({ name }) => name.includes(options.work)) ?? jsonWork
const stand = await buildStand([store])
try {
  const [inspectorPort = 0] = await freePorts(1)
  // From source, whose names one knows.
  const gateway = await stand.start(store, { program: 'src/cli.ts', nodeArgs: [`--inspect=127.0.0.1:${inspectorPort}`] })
  const target = gatewayTarget(gateway)
  const run = async (seconds: number): Promise<LoadResult> => await countedLoad(target, work, { inFlight: 64, ms: seconds * 1000 })
  const inspector = await Inspector.connect(inspectorPort)
  await run(4)
  await report(inspector, async () => await run(Number(options.seconds)))
  inspector.close()
} finally {
  await stand.close()
}

async function report (inspector: Inspector, run: () => Promise<LoadResult>): Promise<void> {
  const functions = Number(options.functions)
  let requests = 0
  const counted = async (): Promise<void> => { requests = (await run()).requests }
  const { tally: cpu, profile } = await profileCpu(inspector, counted)
  console.log(`${work.name}, through ${store}: ${requests} requests\n\n${cpu.toText('time', 'µs a request', 1 / requests, functions)}\n`)
  const allocations = await profileAllocations(inspector, counted)
  console.log(`${allocations.toText('allocated', 'bytes a request', 1 / requests, functions)}\n`)
  const { tally: heap, snapshot } = await snapshotHeap(inspector)
  console.log(heap.functionsText('alive', 'MB', 2 ** -20, 25))
  writeFileSync('gateway.cpuprofile', JSON.stringify(profile))
  writeFileSync('gateway.heapsnapshot', snapshot)
}
