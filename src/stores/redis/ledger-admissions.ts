import type { Decision } from '../../metering/admission.ts'
import { denialOf, effectsOf } from '../../metering/limits.ts'
import { demandOf } from '../../metering/reservation.ts'
import type { AdmitRequest } from '../../metering/reservation.ts'
import { LedgerForgotError } from '../ledger.ts'
import type { RedisClient } from './client.ts'
import { UnansweredError } from './gate.ts'
import type { Gate } from './gate.ts'
import { admitAnswers, admitCall, admitHeader } from './ledger-calls.ts'
import type { Answer, Asked } from './ledger-calls.ts'
import type { LedgerClock } from './ledger-clock.ts'
import type { LedgerRegistry } from './ledger-registry.ts'
import { runScript } from './ledger-scripts.ts'
import type { OrganizationTotal } from './ledger-total.ts'
import { TickBatches } from './tick-batches.ts'

interface Waiting {
  readonly asked: Asked
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

export interface AdmissionsOptions {
  readonly client: RedisClient
  readonly gate: Gate
  readonly registry: LedgerRegistry
  readonly total: OrganizationTotal
  readonly clock: LedgerClock
  /** Throws when Redis may not decide on a request now. */
  readonly guard: (request: AdmitRequest) => void
}

/** Admissions in Redis: those of one turn of the event loop go in one call a project. */
export class Admissions {
  readonly #client: RedisClient
  readonly #gate: Gate
  readonly #registry: LedgerRegistry
  readonly #total: OrganizationTotal
  readonly #clock: LedgerClock
  readonly #guard: AdmissionsOptions['guard']
  readonly #batches: TickBatches<Waiting>

  constructor ({ client, gate, registry, total, clock, guard }: AdmissionsOptions) {
    this.#client = client
    this.#gate = gate
    this.#registry = registry
    this.#total = total
    this.#clock = clock
    this.#guard = guard
    this.#batches = new TickBatches((projectId, waiting) => { void this.#send(projectId, waiting) })
  }

  /** Rejects with LedgerForgotError, with UnansweredError when the request may have been admitted, or with StoreUnavailableError. */
  async decide (request: AdmitRequest): Promise<Decision> {
    if (!this.#registry.isRegistered(request.projectId)) await this.#register(request.projectId)
    const answer = await this.#ask(request)
    return isDecision(answer) ? answer : this.#askAgain(request)
  }

  /** An operator may just have accepted what Redis forgot. */
  async #askAgain (request: AdmitRequest): Promise<Decision> {
    const { projectId } = request
    this.#registry.unregister(projectId)
    await this.#gate.call(() => this.#registry.check())
    await this.#register(projectId)
    const answer = await this.#ask(request)
    if (!isDecision(answer)) throw new LedgerForgotError(projectId)
    return answer
  }

  async #register (projectId: string): Promise<void> {
    await this.#gate.call(() => this.#registry.register(projectId))
  }

  async #ask (request: AdmitRequest): Promise<Answer> {
    const concernsAll = request.rules.some(({ scope }) => scope === 'organization')
    return concernsAll ? await this.#askForAll(request) : await this.#submit({ request, total: 0 })
  }

  /** For a rule of the organization counts also what this replica asks for in calls that are under way: together they might pass it. */
  async #askForAll (request: AdmitRequest): Promise<Answer> {
    return await this.#total.asking(demandOf(request).costNanoUsd, async ahead => {
      let total = await this.#usedByAll()
      for (;;) {
        const answer = await this.#submit({ request, total: total + ahead() })
        if (answer.verdict !== 'denied') return answer
        // What was ahead need not have been let in: by now, most of it is decided.
        total = await this.#usedByAll()
        const decided = withTotal(request, answer, total)
        if (isDenied(request, decided)) return decided
      }
    })
  }

  /** A call without an answer is made once more: admitting the same rid again changes nothing. */
  async #submit (asked: Asked): Promise<Answer> {
    try {
      return await this.#once(asked)
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error
      return this.#once(asked).catch(() => { throw error })
    }
  }

  async #usedByAll (): Promise<number> {
    const { id } = this.#clock.months()[1]
    return this.#total.known(id) ?? await this.#gate.call(() => this.#total.used(id))
  }

  async #once (asked: Asked): Promise<Answer> {
    this.#guard(asked.request)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#batches.add(asked.request.projectId, { asked, resolve, reject })
    return await promise
  }

  async #send (projectId: string, waiting: readonly Waiting[]): Promise<void> {
    try {
      const months = this.#clock.months()
      const header = admitHeader(months, this.#registry.epoch)
      const call = admitCall(projectId, waiting.map(({ asked }) => asked), months, header, this.#clock.given())
      const answers = admitAnswers(await this.#gate.call(() => runScript(this.#client, 'admit', call)), this.#clock.storeCalendar)
      for (const [index, { asked, resolve, reject }] of waiting.entries()) {
        const answer = answers[index]
        if (answer === undefined) reject(new Error('the ledger answered less than it was asked'))
        else resolve(this.#noted(asked, answer))
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }

  #noted ({ request }: Asked, answer: Answer): Answer {
    if (answer.verdict === 'admitted') this.#total.touch(request.projectId, answer.paidBy, demandOf(request).costNanoUsd)
    return answer
  }
}

function isDecision (answer: Answer): answer is Decision {
  return answer.verdict !== 'forgotten'
}

function withTotal ({ rules }: AdmitRequest, answer: Answer, total: number): Answer {
  return { ...answer, states: answer.states.map((state, index) => rules[index]?.scope === 'organization' ? total : state) }
}

function isDenied (request: AdmitRequest, { states, now, period }: Answer): boolean {
  const effects = effectsOf(request.rules, demandOf(request), states, now)
  return denialOf(request.rules, effects, states, now, period.end) !== null
}
