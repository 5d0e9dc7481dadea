/**
 * `npm run soak`: load for some minutes; then a line through the memory that the gateway needs, the files it holds open, and its ledger
 * beside the providers' own record. Fails on a slope (judged from ten minutes on), on files that stay open, and on a ledger that differs.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { checkLedger } from './ledger-check.ts'
import { closedLoop } from './load/closed-loop.ts'
import { prepareMachine } from './machine.ts'
import { openFiles } from './measure/process-stats.ts'
import { commonSlope } from './measure/slope.ts'
import type { Point, Slope } from './measure/slope.ts'
import { healthProbe } from './stand/gateway.ts'
import type { Gateway, StoreName } from './stand/gateway.ts'
import { buildStand } from './stand/stand.ts'
import { gatewayTarget } from './stand/target.ts'
import { works } from './works.ts'

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, store: { type: 'string', default: 'sqlite' } } })

/** The time until caches and the compiler have what they need, as a share of the minutes that are judged, and before them. */
const settling = 0.2
/** What a line through noise may rise without being a leak, MB in ten minutes. */
const tolerated = 1
/** Shorter runs are all warm-up. */
const judgedFromMinutes = 10
const inFlight = 64
const turnMs = 3_000
const warmUpMs = 1_000
/** The allocator gives back what has not been needed for a second; of 27 readings after 1.5 s five were 1.2 to 2.4 MB above those after two. */
const givenBackMs = 2_500
/** Idle connections to providers are kept for a while, s. */
const patience = 60
const megabyte = 2 ** 20

prepareMachine()
const minutes = Number(options.minutes)
// Bodies that differ cannot be sent by one caller.
const mixture = works.filter(({ expected }) => expected.cache !== 'miss')
const stand = await buildStand([options.store as StoreName])
try {
  const gateway = await stand.start(options.store as StoreName, { preloads: [healthProbe], nodeArgs: ['--expose-gc'] })
  for (const work of mixture) await closedLoop(gatewayTarget(gateway), work, { inFlight, ms: warmUpMs })
  const filesBefore = openFiles(gateway.process.pid)
  const rise = await soak(gateway)
  const filesAfter = await filesAtRest(gateway.process.pid, filesBefore)
  await gateway.process.stop()
  const { sent, exact, hits, lost, doubled, others, differences } = await checkLedger(stand, gateway)
  console.log(`memory rises by ${rise.slope.toFixed(2)} MB in ten minutes, standard error ${rise.standardError.toFixed(2)} (at most ${tolerated}${minutes < judgedFromMinutes ? `, judged from ${judgedFromMinutes} minutes on` : ''})`)
  console.log(`open files before ${filesBefore}, after ${filesAfter}`)
  console.log(`ledger, ${options.store}: sent ${sent} exact ${exact} hits ${hits} lost ${lost} doubled ${doubled} others ${others} differences ${differences}`)
  const leaks = minutes >= judgedFromMinutes && rise.slope > tolerated
  process.exitCode = leaks || filesAfter > filesBefore || lost + doubled + others + differences > 0 ? 1 : 0
} finally {
  await stand.close()
}

/** Works in turns; returns by how much memory rises, MB in ten minutes. */
async function soak (gateway: Gateway): Promise<Slope> {
  // A series for each work: what it needs differs from what another one does.
  const memory = mixture.map((): Point[] => [])
  const started = performance.now()
  const minute = (): number => (performance.now() - started) / 60_000
  let requests = 0
  for (let turn = 0; minute() < minutes * (1 + settling); turn++) {
    const index = turn % mixture.length
    const work = mixture[index] as typeof mixture[number]
    requests += await closedLoop(gatewayTarget(gateway), work, { inFlight, ms: turnMs })
    // What could be freed at once is no leak.
    await gateway.probe('collect garbage')
    await sleep(givenBackMs)
    const megabytes = gateway.process.residentBytes() / megabyte
    if (minute() > minutes * settling) memory[index]?.push([minute() / 10, megabytes])
    gateway.forgetLog()
    console.log(`${minute().toFixed(1)} min  ${requests} requests  ${megabytes.toFixed(1)} MB  ${openFiles(gateway.process.pid)} files  ${work.name}`)
  }
  return commonSlope(memory)
}

/** Files that are open still, when enough have been closed or nothing more is to be expected. */
async function filesAtRest (pid: number, enough: number): Promise<number> {
  for (let second = 0; second < patience && openFiles(pid) > enough; second++) await sleep(1_000)
  return openFiles(pid)
}
