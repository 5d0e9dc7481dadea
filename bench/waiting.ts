import { setTimeout as sleep } from 'node:timers/promises'
import { load } from './load/wrk.ts'
import type { Gateway, StoreName } from './stand/gateway.ts'
import type { Stand } from './stand/stand.ts'
import { gatewayTarget } from './stand/target.ts'
import { jsonWork, waitingWork } from './works.ts'

/** What a process of its own needs, from its start to streams that wait and back. Memory in bytes, times in ms. */
export interface Footprint {
  /** From the command to the first answer. */
  readonly startMs: number
  readonly idle: number
  /** While the streams wait for their next event. */
  readonly steady: number
  readonly perStream: number
  /** Some seconds after the last stream. */
  readonly recovered: number
}

/** Opens so many streams at once, and holds them for a while. */
export async function footprint (stand: Stand, store: StoreName, { streams, holdMs }: { readonly streams: number, readonly holdMs: number }): Promise<Footprint> {
  const started = performance.now()
  const gateway = await stand.start(store)
  await firstAnswer(gateway, store)
  const startMs = performance.now() - started
  await sleep(2_000)
  const idle = gateway.process.residentBytes()
  const target = gatewayTarget(store, gateway)
  const loading = load(target, target.requestFor(waitingWork), { inFlight: streams, ms: holdMs })
  await sleep(holdMs - 500)
  const steady = gateway.process.residentBytes()
  await loading
  await sleep(3_000)
  const recovered = gateway.process.residentBytes()
  await gateway.process.stop()
  return { startMs, idle, steady, perStream: (steady - idle) / streams, recovered }
}

async function firstAnswer ({ port, key }: Gateway, store: StoreName): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1${jsonWork.path}`, {
    method: 'POST', body: jsonWork.body, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  })
  if (!response.ok) throw new Error(`the first request with ${store} was answered ${response.status}: ${await response.text()}`)
  await response.text()
}
