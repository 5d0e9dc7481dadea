import { Redis } from 'ioredis'
import { reservationOf } from '../../src/metering/admission.ts'
import { effectsOf } from '../../src/metering/limits.ts'
import { presumed, voided } from '../../src/metering/outcome.ts'
import { Calendar } from '../../src/metering/period.ts'
import { postingOf } from '../../src/metering/posting.ts'
import { dedupeHorizonMs, demandOf, leaseMs } from '../../src/metering/reservation.ts'
import type { AdmitRequest, Reservation } from '../../src/metering/reservation.ts'
import type { Outcome, RowKind } from '../../src/metering/row.ts'
import { admitAnswers, admitCall, admitHeader, expiredCall, renewCall, settleCall } from '../../src/stores/redis/ledger-calls.ts'
import type { Answer, EndingKind } from '../../src/stores/redis/ledger-calls.ts'
import { defineScripts, runScript, ScriptCall } from '../../src/stores/redis/ledger-scripts.ts'
import type { ScriptTexts } from '../../src/stores/redis/ledger-scripts.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { aRequest, anOutcome, aRule } from '../helpers/metering.ts'

/** Far ahead of the real time, and not a whole millisecond. */
const start = Date.UTC(2100, 10, 22, 12) * 1000 + 700
const second = 1_000_000
const epoch = 'new:probe'
const rules = [
  aRule({ metric: 'requests_per_minute', limit: 7 }),
  aRule({ metric: 'tokens_per_minute', limit: 100 }),
  aRule({ metric: 'concurrency', limit: 3 }),
  aRule({ metric: 'spend_per_month', limit: 3000 }),
  aRule({ id: 'shadow', metric: 'tokens_per_minute', limit: 40, shadow: true })
]
const calendar = new Calendar('UTC')

/** The scripts, asked directly, with everything fixed that is random elsewhere. */
class Probe {
  readonly #client: Redis
  now = start

  constructor (client: Redis) {
    this.#client = client
  }

  request (number: number, fields: Partial<AdmitRequest> = {}): AdmitRequest {
    const minted = Math.floor(start / 1000).toString(16).padStart(12, '0')
    const rid = `${minted.slice(0, 8)}-${minted.slice(8)}-7000-8000-${String(number).padStart(12, '0')}`
    return aRequest(rid, { rules, ...fields })
  }

  async admit (request: AdmitRequest, { ownClock = this.now, known = epoch, total = 0 } = {}): Promise<Answer | undefined> {
    const months = calendar.around(ownClock / 1000)
    const call = admitCall(request.projectId, [{ request, total }], months, admitHeader(months, known), String(this.now))
    return admitAnswers(await runScript(this.#client, 'admit', call), calendar)[0]
  }

  async reserve (number: number, fields: Partial<AdmitRequest> = {}): Promise<Reservation> {
    const request = this.request(number, fields)
    const answer = await this.admit(request)
    if (answer?.verdict !== 'admitted') throw new Error('not admitted')
    const demand = demandOf(request)
    return reservationOf(request, demand, effectsOf(request.rules, demand, answer.states, answer.now), { ...answer, verdict: 'admitted' })
  }

  end (letter: EndingKind, kind: RowKind, reservation: Reservation, outcome: Outcome, restored: { seq: number, at: number } | null = null): Promise<unknown> {
    const call = settleCall(reservation.projectId, [{ kind: letter, posting: postingOf(kind, reservation, outcome), restored }], String(this.now))
    return runScript(this.#client, 'settle', call)
  }

  renew (reservation: Reservation): Promise<unknown> {
    return runScript(this.#client, 'renew', renewCall(reservation.projectId, [reservation], String(this.now)))
  }

  expired (limit: number): Promise<unknown> {
    return runScript(this.#client, 'expired', expiredCall('proj_a', limit, String(this.now)))
  }

  total (...sums: readonly [project: string, version: number, used: number][]): Promise<unknown> {
    return runScript(this.#client, 'total', new ScriptCall(['tg:{total}:spend:2100-11'], ...sums.map(sum => JSON.stringify(sum))))
  }

  /** By the clock of Redis: whether a script's is between two of its own. */
  async clockIsTrue (): Promise<boolean> {
    const before = await this.#micros()
    const months = calendar.around(before / 1000)
    const call = admitCall('proj_a', [{ request: this.request(99, { rules: [] }), total: 0 }], months, admitHeader(months, epoch), '')
    const [now] = JSON.parse(await runScript(this.#client, 'admit', call) as string) as [number]
    return before <= now && now <= await this.#micros()
  }

  async #micros (): Promise<number> {
    const [seconds, micros] = await this.#client.time() as unknown as [string, string]
    return Number(seconds) * second + Number(micros)
  }

  /** Every key, what is in it, and when it expires: a moment of the fixed clock, or hours from now. */
  async everything (): Promise<unknown[]> {
    const keys = await this.#client.keys('*')
    return Promise.all(keys.sort().map(async key => {
      const type = await this.#client.type(key)
      const [seconds, at] = [await this.#client.ttl(key), Number(await this.#client.call('PEXPIRETIME', [key]))]
      return [key, await this.#valueOf(key, type), type === 'string' ? at : Math.round(seconds / 3600)]
    }))
  }

  #valueOf (key: string, type: string): Promise<unknown> {
    switch (type) {
      case 'string': return this.#client.get(key)
      case 'hash': return this.#client.hgetall(key)
      case 'zset': return this.#client.zrange(key, '0', '-1', 'WITHSCORES')
      default: return this.#client.xrange(key, '-', '+')
    }
  }
}

const probes: readonly ((probe: Probe) => Promise<unknown>)[] = [
  // Reserved, refunded, charged beyond, and free of charge.
  async probe => {
    const free = { inputTokens: 5, maxOutputTokens: 0, costNanoUsd: 0, promptCostNanoUsd: 0 }
    const [first, second_] = [await probe.reserve(1, { estimate: free }), await probe.reserve(2, { estimate: { ...free, inputTokens: 30 } })]
    const before = await probe.everything()
    probe.now += second
    return [before, await probe.end('s', 'settled', first, anOutcome(2, 1, 77)), await probe.end('s', 'settled', second_, anOutcome(90, 90, 5)), await probe.everything()]
  },
  async probe => [await probe.reserve(1), await probe.end('v', 'void', await probe.reserve(2, { rules: [] }), voided('x')), await probe.everything()],
  async probe => {
    const reservation = await probe.reserve(1)
    return [await probe.end('v', 'void', reservation, voided('x')), await probe.everything()]
  },
  // A request as large as the limit, and requests that ask for nothing of a limit that is overdrawn.
  async probe => {
    const whole = { inputTokens: 100, maxOutputTokens: 0, costNanoUsd: 3000, promptCostNanoUsd: 0 }
    const reservation = await probe.reserve(1, { estimate: whole })
    await probe.end('s', 'settled', reservation, anOutcome(500, 500, 9000))
    return [await probe.admit(probe.request(2, { estimate: { inputTokens: 0, maxOutputTokens: 0, costNanoUsd: 0, promptCostNanoUsd: 0 } })), await probe.everything()]
  },
  // What has refilled since is not given back once more.
  async probe => {
    const some = { inputTokens: 60, maxOutputTokens: 0, costNanoUsd: 0, promptCostNanoUsd: 0 }
    const first = await probe.reserve(1, { estimate: some })
    probe.now += 30 * second
    await probe.reserve(2, { estimate: { ...some, inputTokens: 40 } })
    return [await probe.end('s', 'settled', first, anOutcome(1, 0, 0)), await probe.everything()]
  },
  // A limit that no window is a multiple of lets itself through at once, and not one more, however long it is asked.
  async probe => {
    const odd = [aRule({ metric: 'requests_per_minute', limit: 7 }), aRule({ metric: 'tokens_per_minute', limit: 9007 })]
    const answers: unknown[] = []
    for (let number = 1; number <= 8; number++) answers.push(await probe.admit(probe.request(number, { rules: odd.slice(0, 1) })))
    const large = { inputTokens: 9000, maxOutputTokens: 0, costNanoUsd: 0, promptCostNanoUsd: 0 }
    answers.push(await probe.admit(probe.request(10, { rules: odd.slice(1), estimate: large })))
    for (const [wait, tokens] of [[0, 7], [0, 1], [1, 1], [1, 1]] as const) {
      probe.now += wait
      answers.push(await probe.admit(probe.request(11 + answers.length, { rules: odd.slice(1), estimate: { ...large, inputTokens: tokens } })))
    }
    return [answers, await probe.everything()]
  },
  // Months by the clock of Redis, whatever the gateway's says, and on the boundary.
  async probe => {
    const december = Date.UTC(2100, 11, 1) * 1000
    const answers: unknown[] = []
    for (const [number, [own, store]] of ([[0, -1], [-1, 0], [0, 0], [-1, -1], [40 * 86_400 * second, 40 * 86_400 * second]] as const).entries()) {
      probe.now = december + store
      answers.push(await probe.admit(probe.request(number, { rules: [] }), { ownClock: december + own }))
    }
    return [answers, await probe.everything()]
  },
  // Hits, again and as something else.
  async probe => {
    const hit = probe.request(1, { hit: true, model: 'a%month%b' })
    const settled = await probe.reserve(2)
    await probe.end('s', 'settled', settled, anOutcome(1, 1, 1))
    return [
      await probe.admit(hit), await probe.admit(hit), await probe.admit({ ...hit, hit: false }),
      await probe.admit(probe.request(2, { hit: true })), await probe.admit(probe.request(2)), await probe.everything()
    ]
  },
  // A Redis that forgot: only who has a budget is turned away, but not who is already in.
  async probe => {
    const inside = probe.request(1)
    return [
      await probe.admit(inside), await probe.admit(inside, { known: 'other' }), await probe.admit(probe.request(2), { known: 'other' }),
      await probe.admit(probe.request(3, { rules: rules.slice(0, 3) }), { known: 'other' }), await probe.everything()
    ]
  },
  async probe => {
    const total = aRule({ id: 'total', scope: 'organization', metric: 'spend_per_month', limit: 2000 })
    return [await probe.admit(probe.request(1, { rules: [total] }), { total: 1000 }), await probe.admit(probe.request(2, { rules: [total] }), { total: 1001 })]
  },
  // Leases: on the very millisecond, one at a time, ended already, lost, and of another month than was thought.
  async probe => {
    const [one, two, three] = [await probe.reserve(1, { rules: [] }), await probe.reserve(2, { rules: [] }), await probe.reserve(3, { rules: [] })]
    probe.now += leaseMs * 1000 - second
    const renewed = await probe.renew(two)
    probe.now += second - 701
    const early = [await probe.expired(10), await probe.end('e', 'estimated', one, presumed(one))]
    probe.now += 1
    const expired = [await probe.expired(1), await probe.expired(10)]
    const ended = [await probe.end('e', 'estimated', one, presumed(one)), await probe.end('e', 'estimated', one, presumed(one)), await probe.end('e', 'estimated', two, presumed(two))]
    const late = [await probe.renew(one), await probe.renew({ ...three, rid: one.rid.replace(/1$/, '9') }), await probe.end('s', 'settled', { ...three, period: '2100-10' }, anOutcome(1, 1, 1))]
    return [renewed, early, expired, ended, late, await probe.everything()]
  },
  // Estimates and corrections, where there is something to correct and where not.
  async probe => {
    const reservation = await probe.reserve(1)
    probe.now += leaseMs * 1000
    const nothing = await probe.end('c', 'correction', reservation, anOutcome(1, 1, 1))
    await probe.end('e', 'estimated', reservation, presumed(reservation))
    return [
      nothing, await probe.end('s', 'settled', reservation, anOutcome(1, 1, 1)), await probe.end('e', 'estimated', reservation, presumed(reservation)),
      await probe.end('c', 'correction', reservation, anOutcome(-1, 0, -50)), await probe.end('c', 'correction', reservation, anOutcome(-1, 0, -50)), await probe.everything()
    ]
  },
  // Unknown requests, just young enough and just too old.
  async probe => {
    const { rid, ...known } = await probe.reserve(1)
    const unknown = (last: number): Reservation => ({ ...known, rid: rid.slice(0, -1) + String(last) })
    const answers = [await probe.end('v', 'void', unknown(2), voided('x')), await probe.end('v', 'void', unknown(2), voided('x'))]
    probe.now = Math.floor(start / 1000) * 1000 + dedupeHorizonMs * 1000
    answers.push(await probe.end('s', 'settled', unknown(3), anOutcome(1, 1, 1)))
    probe.now += 1
    answers.push(await probe.end('s', 'settled', unknown(4), anOutcome(1, 1, 1)), await probe.end('v', 'void', unknown(5), voided('x')))
    return [answers, await probe.everything()]
  },
  async probe => {
    const { rid, ...known } = await probe.reserve(1, { projectId: 'proj_b', rules: [] })
    return [await probe.end('v', 'void', { ...known, projectId: 'proj_a', rid: rid.slice(0, -1) + '2' }, voided('x')), await probe.everything()]
  },
  // Rows of an export, in order, and again.
  async probe => {
    const { rid, ...known } = await probe.reserve(1)
    const restore = (seq: number, letter = 'r' as const): Promise<unknown> =>
      probe.end(letter, 'settled', { ...known, rid: rid.slice(0, -1) + String(seq), costNanoUsd: 0, buckets: [], held: [] }, anOutcome(seq, 1, seq), { seq, at: 1000 + seq })
    const young = [await restore(1), await restore(2), await restore(2), await restore(1), await restore(3), await probe.everything()]
    probe.now = Math.floor(start / 1000) * 1000 + dedupeHorizonMs * 1000
    young.push(await restore(4), await probe.everything())
    probe.now += 1
    return [young, await restore(5), await restore(5), await probe.everything()]
  },
  // Rows of an export whose request has ended here since; a correction comes once, and only to an estimate.
  async probe => {
    const [one, other] = [await probe.reserve(1, { rules: [] }), await probe.reserve(2, { rules: [] })]
    await probe.end('s', 'settled', one, anOutcome(1, 1, 10))
    const restore = (seq: number, kind: RowKind, reservation: Reservation): Promise<unknown> =>
      probe.end('r', kind, { ...reservation, costNanoUsd: 0, buckets: [], held: [] }, anOutcome(seq, 1, seq), { seq, at: 1000 + seq })
    return [
      await restore(1, 'settled', one), await restore(2, 'correction', one), await probe.everything(),
      await restore(3, 'estimated', other), await restore(4, 'settled', other), await restore(5, 'correction', other), await restore(6, 'correction', other), await probe.everything()
    ]
  },
  // Sums of projects, newest and oldest first.
  async probe => [
    await probe.total(), await probe.total(['a', 2, 100], ['b', 1, 50]), await probe.total(['a', 1, 7]), await probe.total(['a', 2, 9]), await probe.total(['a', 3, 60]), await probe.everything()
  ],
  probe => probe.clockIsTrue()
]

/** What only Redis has: its clock, expiry, forgetting, restoring, sums that arrive out of order, and every number exactly as it is kept. */
export async function probeScripts (redis: TestRedis, scripts: ScriptTexts): Promise<unknown[]> {
  const client = new Redis(redis.port, { maxRetriesPerRequest: 0, commandTimeout: 2000 })
  defineScripts(client, scripts)
  const answers: unknown[] = []
  try {
    for (const probe of probes) {
      await client.flushall()
      await client.hset('tg:{proj_a}:meta', 'epoch', epoch)
      answers.push(await probe(new Probe(client)))
    }
    return answers
  } finally {
    client.disconnect()
  }
}
