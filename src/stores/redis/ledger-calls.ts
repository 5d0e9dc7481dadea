import type { Decision } from '../../metering/admission.ts'
import type { Amounts } from '../../metering/amounts.ts'
import { unitsOf } from '../../metering/limits.ts'
import { hitOutcome } from '../../metering/outcome.ts'
import type { Calendar, Period } from '../../metering/period.ts'
import { postingOf, refundsOf } from '../../metering/posting.ts'
import type { Posting, Refund } from '../../metering/posting.ts'
import { dedupeHorizonMs, demandOf, encodeReservation, heldBy, leaseMs, mintedAt } from '../../metering/reservation.ts'
import type { AdmitRequest, Demand, Reservation } from '../../metering/reservation.ts'
import { quoted } from '../../metering/row.ts'
import type { Outcome } from '../../metering/row.ts'
import { limiterOf, spenderOf, windowMicros } from '../../metering/rules.ts'
import type { LimitRule } from '../../metering/rules.ts'
import { dayMs, floorTo, hourMs, minuteMs } from '../../metering/usage.ts'
import { keysOf } from './ledger-keys.ts'
import type { ProjectKeys } from './ledger-keys.ts'
import { Neighbours } from './neighbours.ts'
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

/** Texts are put together by hand, and what neighbours share is said once: `JSON.stringify` of all of it took as long as the rest of an admission. */
export function admitCall (projectId: string, asked: readonly Asked[], months: readonly Period[], header: string, clock: string): ScriptCall {
  const keys = keysOf(projectId)
  const call = new ScriptCall([keys.open, keys.lease, keys.held, keys.meta, keys.ledger, ...months.map(({ id }) => keys.spend(id))])
  const ruleSets = new Neighbours(alike, (request: AdmitRequest) => ruleSetText(request, call, keys))
  const requests: string[] = []
  const texts: string[] = []
  for (const { request, total } of asked) {
    const demand = demandOf(request)
    const hit = request.hit === true ? hitPosting(request) : null
    const units = request.rules.map(rule => unitsOf(rule, demand)).join(',')
    const minted = mintedAt(request.rid)
    const row = hit === null ? 'false' : `[${sumsText({ reservation: hit.reservation, minted }, call, keys)},[${pairsOf(hit.amounts)}]]`
    requests.push(`["${request.rid}",${call.key(keys.done(minted))},${demand.costNanoUsd},${ruleSets.add(request)},[${units}],${total},${row}]`)
    texts.push(hit === null ? recordOf(request, demand) : hit.tail)
  }
  call.args.push(clock, header, ruleSets.text, `[${requests.join(',')}]`, texts.join('\n'))
  return call
}

/** Whether a Redis that forgot would grant the request's project a fresh budget. */
export function isBudgeted ({ rules }: AdmitRequest): boolean {
  return rules.some(({ metric }) => metric === 'spend_per_month')
}

function alike (a: AdmitRequest, b: AdmitRequest): boolean {
  return a.keyId === b.keyId && a.rules.length === b.rules.length && a.rules.every((rule, index) => rule === b.rules[index])
}

function ruleSetText (request: AdmitRequest, call: ScriptCall, keys: ProjectKeys): string {
  const { keyId, rules } = request
  const held = heldBy({ ...request, hit: false }).map(quoted)
  return `[${quoted(keyId)},${isBudgeted(request)},[${held.join(',')}],[${rules.map(rule => ruleText(rule, keyId, call, keys)).join(',')}]]`
}

function ruleText (rule: LimitRule, keyId: string, call: ScriptCall, keys: ProjectKeys): string {
  return `[${placeText(rule, keyId, call, keys)},${rule.limit},${windowMicros(rule.metric)},${rule.shadow === true}]`
}

/** Kind and target of a rule. */
function placeText (rule: LimitRule, keyId: string, call: ScriptCall, keys: ProjectKeys): string {
  if (rule.metric === 'concurrency') return `"h",${quoted(limiterOf(rule, keyId))}`
  if (rule.metric !== 'spend_per_month') return `"b",${call.key(keys.bucket(limiterOf(rule, keyId)))}`
  return rule.scope === 'organization' ? '"t",0' : `"s",${quoted(spenderOf(rule, keyId))}`
}

function recordOf (request: AdmitRequest, { tokens, costNanoUsd }: Demand): string {
  const { rid, keyId, model, endpoint, estimate } = request
  const seen = { inputTokens: estimate.inputTokens, outputTokens: 0, costNanoUsd: estimate.promptCostNanoUsd }
  return encodeReservation({ rid, keyId, model, endpoint, tokens, costNanoUsd, held: heldBy(request), seen })
}

/** The script puts the month that pays in the place of its placeholder. */
function hitPosting ({ rid, projectId, keyId, model, endpoint }: AdmitRequest): Posting {
  const seen = { inputTokens: 0, outputTokens: 0, costNanoUsd: 0 }
  const reservation = { rid, projectId, keyId, model, endpoint, period: monthPlaceholder, tokens: 0, costNanoUsd: 0, buckets: [], held: [], seen }
  return postingOf('hit', reservation, hitOutcome)
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
  const call = new ScriptCall([keys.open, keys.lease, keys.held, keys.meta, keys.ledger])
  const places = new Neighbours(belong, (request: Minted) => placeOfRow(request, call, keys))
  const fields: string[] = []
  for (const { kind, posting, restored } of endings) {
    const { reservation, amounts, costNanoUsd } = posting
    const { rid } = reservation
    const minted = mintedAt(rid)
    const refunds = refundsOf(posting).map(refund => refundText(refund, call, keys)).join(',')
    fields.push(
      `["${kind}","${rid}",${minted},${places.add({ reservation, minted })},[${pairsOf(amounts)}],${costNanoUsd},${markOf(posting)},[${refunds}],` +
      `${restored?.seq ?? 0},${restored?.at ?? 0}]`
    )
  }
  call.args.push(clock, String(dedupeHorizonMs), places.text, `[${fields.join(',')}]`, endings.map(({ posting }) => posting.tail).join('\n'))
  return call
}

function refundText ({ bucket, reserved, actual }: Refund, call: ScriptCall, keys: ProjectKeys): string {
  return `[${call.key(keys.bucket(bucket.limiter))},${bucket.ends},${reserved},${actual}]`
}

/** A request, and when it was minted, ms. */
interface Minted {
  readonly reservation: Reservation
  readonly minted: number
}

/** Whether two requests are paid for, remembered and summed up at the same places. */
function belong (one: Minted, other: Minted): boolean {
  const [a, b] = [one.reservation, other.reservation]
  return a.keyId === b.keyId && a.model === b.model && a.endpoint === b.endpoint && a.period === b.period &&
    floorTo(one.minted, minuteMs) === floorTo(other.minted, minuteMs)
}

function placeOfRow (request: Minted, call: ScriptCall, keys: ProjectKeys): string {
  const { reservation: { keyId, period }, minted } = request
  return `[${call.key(keys.done(minted))},${sumsText(request, call, keys)},${call.key(keys.spend(period))},"${period}",${quoted(keyId)}]`
}

/** Where a request is summed up: by when it was minted, so that every replica and every repetition agrees. */
function sumsText ({ reservation: { endpoint, keyId, model }, minted }: Minted, call: ScriptCall, keys: ProjectKeys): string {
  const hour = Math.floor(minted % dayMs / hourMs)
  const minute = Math.floor(minted % hourMs / minuteMs)
  return `${call.key(keys.day(minted))},${call.key(keys.minutes(minted))},"${hour}","${minute}",${quoted(`${endpoint}|${keyId}|${model}`)}`
}

/** Number, from 1, and value of each amount that is not 0: most are. */
function pairsOf (amounts: Amounts): string {
  let text = ''
  for (let index = 0; index < amounts.length; index++) {
    if (amounts[index] !== 0) text += `${text === '' ? '' : ','}${index + 1},${amounts[index]}`
  }
  return text
}

/** What is remembered of an ended request, as JSON: its kind, and of an estimate what it was billed. */
function markOf ({ kind, outcome: { usage, costNanoUsd } }: Posting): string {
  return kind === 'estimated' ? JSON.stringify(`estimated${JSON.stringify({ usage, costNanoUsd })}`) : `"${kind}"`
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
  const call = new ScriptCall([keys.open, keys.lease, keys.held], clock, String(leaseMs))
  for (const reservation of reservations) {
    const { rid, period, costNanoUsd, keyId, held } = reservation
    const fields = [rid, call.key(keys.done(mintedAt(rid))), call.key(keys.spend(period)), costNanoUsd, keyId, held]
    call.args.push(JSON.stringify(fields), `${period}\n${encodeReservation(reservation)}`)
  }
  return call
}

export function expiredCall (projectId: string, limit: number, clock: string): ScriptCall {
  const keys = keysOf(projectId)
  return new ScriptCall([keys.open, keys.lease], clock, String(limit))
}
