import { setTimeout as sleep } from 'node:timers/promises'
import { sharedKeys, keysOf } from '../../src/stores/redis/ledger-keys.ts'
import { until } from '../helpers/until.ts'
import type { Load } from './load.ts'
import type { Stand } from './stand.ts'

export interface Scenario {
  readonly name: string
  /** Redis keeps nothing: it comes back empty. */
  readonly forgetful?: boolean
  /** What happens while requests come and go. Throws when it did not happen as it should. */
  readonly play: (stand: Stand, load: Load) => Promise<void>
}

/** Between two blows: long enough for what recovers to recover, ms. */
const breath = 1_500
/** How long Redis is away, ms. */
const absence = 1_000

/** Longer than a key is believed without asking the store again, ms. */
const keysForgotten = 6_000

export const scenarios: readonly Scenario[] = [
  { name: 'replica-killed-5x', play: killReplicas(5) },
  { name: 'redis-killed-3x', play: killRedis(3) },
  { name: 'redis-stopped-3s', play: stopRedis },
  { name: 'replies-lost-20x', play: loseReplies(20) },
  { name: 'failover-lagging', play: failOver },
  { name: 'redis-emptied', forgetful: true, play: emptyRedis },
  { name: 'rolling-restart', play: restartReplicas }
]

/** kill -9, and each is started again at once. */
export function killReplicas (times: number): Scenario['play'] {
  return async stand => {
    for (let time = 0; time < times; time++) {
      const replica = stand.replicas[time % stand.replicas.length]
      await replica?.kill()
      await replica?.start()
      await sleep(breath)
    }
  }
}

/** kill -9, and started again over its append-only file. */
export function killRedis (times: number): Scenario['play'] {
  return async stand => {
    for (let time = 0; time < times; time++) {
      await stand.redis.kill()
      await sleep(absence)
      await stand.redis.restart()
      await sleep(breath)
    }
  }
}

async function stopRedis (stand: Stand): Promise<void> {
  stand.redis.process.kill('SIGSTOP')
  await sleep(3_000)
  stand.redis.process.kill('SIGCONT')
  await sleep(breath)
}

/** Scripts run, and their answers do not arrive. */
export function loseReplies (times: number): Scenario['play'] {
  return async stand => {
    for (let time = 0; time < times; time++) {
      await stand.proxy.loseReply('evalsha')
      await sleep(breath / 10)
    }
  }
}

/** A standby takes over that has stopped hearing of its master while the budget was being used up. */
export async function failOver (stand: Stand, load: Load): Promise<void> {
  const { standby, link } = await stand.startStandby()
  await until(() => stand.ask(standby, async client => (await client.info('replication')).includes('master_link_status:up')))
  await until(async () => await tightSpend(stand) > stand.budget / 2)
  link.freeze()
  await until(() => load.calls.some(({ code }) => code === 'insufficient_quota'))
  const spent = await tightSpend(stand)
  await stand.redis.kill()
  await sleep(absence)
  await stand.ask(standby, client => client.replicaof('NO', 'ONE'))
  stand.redis = standby
  if (await tightSpend(stand) >= spent) throw new Error('the standby is not behind')
  stand.proxy.redirect(standby.port)
  await everyoneSays(stand, 'the last minute was said again')
  await sleep(breath)
}

/** Projects with a budget are refused until an operator accepts what was lost; here, once the last minute has been said again. */
async function emptyRedis (stand: Stand): Promise<void> {
  await until(async () => await tightSpend(stand) > stand.budget / 2)
  await stand.redis.restart()
  await everyoneSays(stand, 'the last minute was said again')
  await sleep(breath)
  await stand.ask(stand.redis, client => client.set(sharedKeys.epoch, 'ack:chaos'))
  await sleep(keysForgotten)
}

/** SIGTERM, one after the other. */
async function restartReplicas (stand: Stand): Promise<void> {
  for (const replica of stand.replicas) {
    await replica.drain()
    await replica.start()
  }
}

async function everyoneSays (stand: Stand, message: string): Promise<void> {
  await until(() => stand.replicas.every(replica => replica.said(message) > 0))
}

/** What the project `tight` has spent and reserved. */
async function tightSpend (stand: Stand): Promise<number> {
  return await stand.ask(stand.redis, async client => {
    const [spent, reserved] = await client.hmget(keysOf('proj_tight').spend(new Date().toISOString().slice(0, 7)), 'spent:', 'reserved:')
    return Number(spent) + Number(reserved)
  })
}
