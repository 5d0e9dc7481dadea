import { setTimeout as sleep } from 'node:timers/promises'
import { send } from './ability.ts'
import { load } from './load/wrk.ts'
import type { StoreName } from './stand/gateway.ts'
import type { Stand } from './stand/stand.ts'
import { gatewayTarget, requestOf } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import { jsonWork, waitingWork } from './works.ts'

/** What a process of its own needs, from its start to streams that wait and back. Memory in bytes, times in ms. */
export interface Footprint {
  /** From the command to the first answer. */
  readonly startMs: number
  readonly idle: number
  /** While the streams wait for their next event. */
  readonly steady: number
  readonly perStream: number
  /** CPU time of one event while so many streams are open, µs. */
  readonly eventCpu: number
  /** Some seconds after the last stream. */
  readonly recovered: number
}

export interface Waiting {
  readonly streams: number
  readonly holdMs: number
  /** For what was begun at the start, and for what is given back after the end. */
  readonly restMs: number
}

/** How long a gateway takes to be there. Alone, because others would be in its way. */
export async function timedStart (stand: Stand, store: StoreName): Promise<{ target: Target, startMs: number }> {
  const program = await stand.compiled()
  const started = performance.now()
  const target = gatewayTarget(await stand.start(store, { program }))
  const response = await send(target, requestOf(target, jsonWork))
  if (!response.ok) throw new Error(`the first request with ${store} was answered ${response.status}: ${await response.text()}`)
  await response.text()
  return { target, startMs: performance.now() - started }
}

/** Opens so many streams at once through a new gateway, holds them for a while, and ends the gateway. */
export async function footprint (stand: Stand, { target, startMs }: { target: Target, startMs: number }, { streams, holdMs, restMs }: Waiting): Promise<Footprint> {
  const { process } = target
  await sleep(restMs)
  const idle = process.residentBytes()
  const loading = load(target, requestOf(target, waitingWork), { inFlight: streams, ms: holdMs })
  await sleep(holdMs / 2)
  const before = { cpu: process.cpu().used, events: await waitingEvents(stand) }
  await sleep(holdMs / 2 - 200)
  const after = { cpu: process.cpu().used, events: await waitingEvents(stand) }
  const steady = process.residentBytes()
  await loading
  await sleep(restMs)
  const recovered = process.residentBytes()
  await process.stop()
  return { startMs, idle, steady, perStream: (steady - idle) / streams, eventCpu: (after.cpu - before.cpu) / 1000 / (after.events - before.events), recovered }
}

async function waitingEvents (stand: Stand): Promise<number> {
  return (await stand.provided()).get('waiting')?.events ?? 0
}
