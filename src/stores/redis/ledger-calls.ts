import type { Decision } from '../../metering/admission.ts'
import { unitsOf } from '../../metering/limits.ts'
import { hitOutcome } from '../../metering/outcome.ts'
import type { Calendar, Period } from '../../metering/period.ts'
import { postingOf, refundsOf } from '../../metering/posting.ts'
import type { Posting } from '../../metering/posting.ts'
import { dedupeHorizonMs, demandOf, encodeReservation, heldBy, leaseMs, mintedAt } from '../../metering/reservation.ts'
import type { AdmitRequest, Demand, Reservation } from '../../metering/reservation.ts'
import type { Outcome } from '../../metering/row.ts'
import { limiterOf, spenderOf, windowMicros } from '../../metering/rules.ts'
import type { LimitRule } from '../../metering/rules.ts'
import { dayMs, hourMs, minuteMs } from '../../metering/usage.ts'
import { keysOf } from './ledger-keys.ts'
import type { ProjectKeys } from './ledger-keys.ts'
import { ScriptCall } from './ledger-scripts.ts'

/** What the scripts are asked and what they answer; each `.lua` file states its side. */

export interface Asked {
  readonly request: AdmitRequest
  /** What all projects together have spent and reserved this month, for a rule of the organization. */
  readonly total: number
}

const monthPlaceholder = '%month%'

/** The months by the gateway's clock, and the epoch that a project with a budget must have been registered under. */
export function admitHeader (months: readonly Period[], epoch: string): string {
  const [, current] = months
  return JSON.stringify([current?.start, current?.end, ...months.map(({ id }) => id), leaseMs, epoch])
}

export function admitCall (projectId: string, asked: readonly Asked[], months: readonly Period[], header: string, clock: string): ScriptCall {
  const keys = keysOf(projectId)
  const spends = months.map(({ id }) => keys.spend(id))
  const call = new ScriptCall([keys.open, keys.lease, keys.held, keys.meta, keys.ledger, ...spends], [clock, header])
  for (const { request, total } of asked) {
    const demand = demandOf(request)
    const held = heldBy(request)
    const rules = request.rules.map(rule => encodeRule(rule, demand, request, total, call, keys))
    const row = request.hit === true && hitRow(request, call, keys)
    const fields = [request.rid, call.key(keys.done(mintedAt(request.rid))), isBudgeted(request), demand.costNanoUsd, request.keyId, held, rules, row]
    call.args.push(JSON.stringify(fields), request.hit === true ? hitPosting(request).tail : recordOf(request, demand, held))
  }
  return call
}

/** Whether a Redis that forgot would grant the request's project a fresh budget. */
export function isBudgeted ({ rules }: AdmitRequest): boolean {
  return rules.some(({ metric }) => metric === 'spend_per_month')
}

function encodeRule (rule: LimitRule, demand: Demand, { keyId }: AdmitRequest, total: number, call: ScriptCall, keys: ProjectKeys): unknown[] {
  const [kind, target] = placeOf(rule, keyId, total, call, keys)
  return [kind, target, rule.limit, unitsOf(rule, demand), windowMicros(rule.metric), rule.shadow === true]
}

function placeOf (rule: LimitRule, keyId: string, total: number, call: ScriptCall, keys: ProjectKeys): [kind: string, target: string | number] {
  if (rule.metric === 'concurrency') return ['h', limiterOf(rule, keyId)]
  if (rule.metric !== 'spend_per_month') return ['b', call.key(keys.bucket(limiterOf(rule, keyId)))]
  return rule.scope === 'organization' ? ['t', total] : ['s', spenderOf(rule, keyId)]
}

function recordOf ({ rid, keyId, model, endpoint, estimate }: AdmitRequest, { tokens, costNanoUsd }: Demand, held: readonly string[]): string {
  const seen = { inputTokens: estimate.inputTokens, outputTokens: 0, costNanoUsd: estimate.promptCostNanoUsd }
  return encodeReservation({ rid, keyId, model, endpoint, tokens, costNanoUsd, held, seen })
}

/** The script puts the month that pays in the place of its placeholder. */
function hitPosting ({ rid, projectId, keyId, model, endpoint }: AdmitRequest): Posting {
  const seen = { inputTokens: 0, outputTokens: 0, costNanoUsd: 0 }
  const reservation = { rid, projectId, keyId, model, endpoint, period: monthPlaceholder, tokens: 0, costNanoUsd: 0, buckets: [], held: [], seen }
  return postingOf('hit', reservation, hitOutcome)
}

function hitRow (request: AdmitRequest, call: ScriptCall, keys: ProjectKeys): unknown[] {
  const { day, minutes, hour, minute, cell } = sumsOf(request, call, keys)
  return [day, minutes, hour, minute, cell, hitPosting(request).amounts, request.keyId]
}

const verdicts = ['denied', 'admitted', 'repeated', 'closed', 'forgotten'] as const

/** `forgotten`: Redis does not know the project, which has a budget. */
export type Answer = Omit<Decision, 'verdict'> & { readonly verdict: typeof verdicts[number] }

type AdmitReply = [now: number, ...decisions: [verdict: number, paidBy: string, ...states: number[]][]]

export function admitAnswers (reply: unknown, calendar: Calendar): Answer[] {
  const [now, ...decisions] = JSON.parse(reply as string) as AdmitReply
  const period = calendar.at(now / 1000)
  return decisions.map(([verdict, paidBy, ...states]) => ({ verdict: verdicts[verdict] ?? 'denied', now, period, paidBy, states }))
}

/**
 * How a request ends: settled, voided, answered from the answer store, its lease ran out, a correction of the estimate that was
 * billed then, or restored from an export.
 */
export type EndingKind = 's' | 'v' | 'h' | 'e' | 'c' | 'r'

export interface Ending {
  readonly kind: EndingKind
  readonly posting: Posting
  /** Of a restored row: its number in the export, and when it was written, ms. */
  readonly restored: { readonly seq: number, readonly at: number } | null
}

export function settleCall (projectId: string, endings: readonly Ending[], clock: string): ScriptCall {
  const keys = keysOf(projectId)
  const call = new ScriptCall([keys.open, keys.lease, keys.held, keys.meta, keys.ledger], [clock, String(dedupeHorizonMs)])
  for (const { kind, posting, restored } of endings) {
    const { reservation, amounts, costNanoUsd, tail } = posting
    const { rid, keyId, period } = reservation
    const { day, minutes, hour, minute, cell } = sumsOf(reservation, call, keys)
    const refunds = refundsOf(posting).map(({ bucket, reserved, actual }) => [call.key(keys.bucket(bucket.limiter)), bucket.ends, reserved, actual])
    const fields = [
      kind, rid, mintedAt(rid), call.key(keys.done(mintedAt(rid))), day, minutes, call.key(keys.spend(period)), period, hour, minute, cell, amounts, costNanoUsd, keyId,
      markOf(posting), refunds, restored?.seq ?? 0, restored?.at ?? 0
    ]
    call.args.push(JSON.stringify(fields), tail)
  }
  return call
}

interface Sums {
  readonly day: number
  readonly minutes: number
  readonly hour: string
  readonly minute: string
  readonly cell: string
}

/** Where a request is summed up: by when it was minted, so that every replica and every repetition agrees. */
function sumsOf ({ rid, endpoint, keyId, model }: Pick<Reservation, 'rid' | 'endpoint' | 'keyId' | 'model'>, call: ScriptCall, keys: ProjectKeys): Sums {
  const minted = mintedAt(rid)
  return {
    day: call.key(keys.day(minted)),
    minutes: call.key(keys.minutes(minted)),
    hour: String(Math.floor(minted % dayMs / hourMs)),
    minute: String(Math.floor(minted % hourMs / minuteMs)),
    cell: `${endpoint}|${keyId}|${model}`
  }
}

/** What is remembered of an ended request: its kind, and of an estimate what it was billed. */
function markOf ({ kind, outcome: { usage, costNanoUsd } }: Posting): string {
  return kind === 'estimated' ? `estimated${JSON.stringify({ usage, costNanoUsd })}` : kind
}

/** Beside what a ledger answers: `skipped` (there was nothing to do), `estimated` (what was billed: send a correction), and `moved` (the month that really pays). */
export type EndingAnswer =
  | readonly ['recorded' | 'repeated' | 'corrected' | 'tombstone' | 'stale' | 'skipped']
  | readonly ['estimated', billed: Pick<Outcome, 'usage' | 'costNanoUsd'>]
  | readonly ['moved', period: string]

type SettleReply = [seqBefore: number, ...answers: EndingAnswer[]]

export function endingAnswers (reply: unknown): { readonly seqBefore: number, readonly answers: readonly EndingAnswer[] } {
  const [seqBefore, ...answers] = JSON.parse(reply as string) as SettleReply
  return { seqBefore, answers }
}

export function renewCall (projectId: string, reservations: readonly Reservation[], clock: string): ScriptCall {
  const keys = keysOf(projectId)
  const call = new ScriptCall([keys.open, keys.lease, keys.held], [clock, String(leaseMs)])
  for (const reservation of reservations) {
    const { rid, period, costNanoUsd, keyId, held } = reservation
    const fields = [rid, call.key(keys.done(mintedAt(rid))), call.key(keys.spend(period)), costNanoUsd, keyId, held]
    call.args.push(JSON.stringify(fields), `${period}\n${encodeReservation(reservation)}`)
  }
  return call
}

export function expiredCall (projectId: string, limit: number, clock: string): ScriptCall {
  const keys = keysOf(projectId)
  return new ScriptCall([keys.open, keys.lease], [clock, String(limit)])
}
