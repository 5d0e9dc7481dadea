import { setTimeout as sleep } from 'node:timers/promises'
import { Load } from './load.ts'
import type { Site } from './site.ts'

/** What a drill showed. */
export interface Outcome {
  readonly drill: string
  readonly requests: number
  readonly streams: number
  /** Requests without their whole answer. */
  readonly failed: number
  /** The most that may have failed. */
  readonly allowed: number
  /** What went wrong beyond that, and other things that should not be. */
  readonly faults: readonly string[]
}

/** HAProxy finds a replica well again within a second, ms. */
const noticed = 1_500

/** Each replica in turn is told to end and is started again, so many rounds, under load. Nobody may see an error. */
export async function rollingRestarts ({ url, key, replicas }: Site, { rounds, rate }: { readonly rounds: number, readonly rate: number }): Promise<Outcome> {
  const load = new Load(url, key, rate)
  const codes: Array<number | null> = []
  for (let round = 0; round < rounds; round++) {
    for (const replica of replicas) {
      codes.push(await replica.end('SIGTERM'))
      await replica.start()
      await sleep(noticed)
    }
  }
  await load.stop()
  const exits = codes.filter(code => code !== 0).map(code => `a replica ended with ${code}`)
  return outcomeOf(`rolling restart × ${rounds}`, load, 0, [...exits, ...load.failures.map(({ what }) => what)])
}

/** A replica is killed under load. Only what it was answering may fail: nothing that was sent later, and nothing that the other answers. */
export async function killedReplica ({ url, key, replicas: [victim, survivor] }: Site, { rate }: { readonly rate: number }): Promise<Outcome> {
  const load = new Load(url, key, rate)
  const before = await survivor?.failed()
  await sleep(2_000)
  const ended = victim?.end('SIGKILL')
  const inFlight = load.outstanding
  await ended
  const goneAt = performance.now()
  await sleep(3_000)
  await load.stop()
  const elsewhere = await survivor?.failed() === before ? [] : ['requests failed on the other replica']
  await victim?.start()
  const later = load.failures.filter(({ sentAt }) => sentAt > goneAt).map(({ what }) => `sent when it was gone: ${what}`)
  return outcomeOf('kill -9 of a replica', load, inFlight, [...elsewhere, ...later])
}

function outcomeOf (drill: string, { sent, streams, failures }: Load, allowed: number, faults: readonly string[]): Outcome {
  return { drill, requests: sent, streams, failed: failures.length, allowed, faults: failures.length > allowed ? [`${failures.length} failed`, ...faults] : faults }
}
