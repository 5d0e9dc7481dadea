/**
 * `npm run soak`: load for some minutes, and a line through the memory that the gateway takes. Fails on a slope, which is a leak, and on
 * files or sockets that stay open when the load has gone.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ensureSystemPackages } from '../scripts/system-packages.ts'
import { load } from './load/wrk.ts'
import { moveToLoadCore } from './machine.ts'
import { openFiles } from './measure/process-stats.ts'
import { slope } from './measure/slope.ts'
import type { StoreName } from './stand/gateway.ts'
import { buildStand } from './stand/stand.ts'
import { gatewayTarget } from './stand/target.ts'
import { works } from './works.ts'

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, store: { type: 'string', default: 'sqlite' } } })

/** The time until caches and the compiler have what they need, as a share of the whole. */
const settling = 0.4
/** What a line through noise may rise without being a leak, MB a minute. */
const tolerated = 2
const readingMs = 5_000
const megabyte = 2 ** 20

ensureSystemPackages(['nginx', 'wrk', 'redis'])
moveToLoadCore()
const store = options.store as StoreName
const stand = await buildStand([store])
try {
  const gateway = await stand.start(store)
  const target = gatewayTarget(store, gateway)
  const mixture = works.filter(({ expected }) => expected.header === undefined)
  for (const work of mixture) await load(target, target.requestFor(work), { inFlight: 16, ms: 500 })
  const filesBefore = await filesAtRest(gateway.process.pid)
  const memory: Array<readonly [minute: number, megabytes: number]> = []
  let requests = 0
  const started = performance.now()
  const minute = (): number => (performance.now() - started) / 60_000
  for (let turn = 0; minute() < Number(options.minutes); turn++) {
    const work = mixture[turn % mixture.length] as typeof mixture[number]
    requests += (await load(target, target.requestFor(work), { inFlight: 64, ms: readingMs })).requests
    memory.push([minute(), gateway.process.residentBytes() / megabyte])
    gateway.forgetLog()
    console.log(`${minute().toFixed(1)} min  ${requests} requests  ${memory.at(-1)?.[1].toFixed(0)} MB  ${openFiles(gateway.process.pid)} files  ${work.name}`)
  }
  const settled = memory.filter(([at]) => at > Number(options.minutes) * settling)
  const rise = slope(settled)
  const filesAfter = await filesAtRest(gateway.process.pid)
  console.log(`${store}: memory rises by ${rise.toFixed(2)} MB a minute (at most ${tolerated}); open files before ${filesBefore}, after ${filesAfter}`)
  process.exitCode = rise > tolerated || filesAfter > filesBefore ? 1 : 0
} finally {
  await stand.close()
}

/** Connections to the provider are kept for a while, so that only the lowest of some readings counts. */
async function filesAtRest (pid: number): Promise<number> {
  let fewest = Infinity
  for (let second = 0; second < 40; second++) {
    await sleep(1_000)
    fewest = Math.min(fewest, openFiles(pid))
  }
  return fewest
}
