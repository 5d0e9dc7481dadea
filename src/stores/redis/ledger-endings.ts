import type { Settled } from '../../metering/book.ts'
import { correctionOf } from '../../metering/outcome.ts'
import { postingOf } from '../../metering/posting.ts'
import { reservationOfRow } from '../../metering/reservation.ts'
import type { Reservation } from '../../metering/reservation.ts'
import type { LedgerRow, Outcome } from '../../metering/row.ts'
import type { RedisClient } from './client.ts'
import { UnansweredError } from './gate.ts'
import type { Gate } from './gate.ts'
import { endingAnswers, settleCall } from './ledger-calls.ts'
import type { Ending, EndingAnswer, EndingKind } from './ledger-calls.ts'
import type { LedgerClock } from './ledger-clock.ts'
import { ReplayRing } from './ledger-ring.ts'
import type { Said } from './ledger-ring.ts'
import { runScript } from './ledger-scripts.ts'
import type { OrganizationTotal } from './ledger-total.ts'
import { TickBatches } from './tick-batches.ts'

interface Waiting {
  readonly ending: Ending
  readonly resolve: (answer: EndingAnswer) => void
  readonly reject: (error: unknown) => void
}

export interface EndingsOptions {
  readonly client: RedisClient
  readonly gate: Gate
  readonly total: OrganizationTotal
  readonly clock: LedgerClock
  /** Redis is not where it was: it lost what it had acknowledged. */
  readonly onLoss: () => void
}

/** Projects whose last row number is remembered; beyond, none is known. */
const maxRemembered = 100_000
/** Endings said again, or restored, at once. */
const saidAtOnce = 64

/** Repeated: perhaps by this very process, whose first call was carried out and got no answer. */
const mayBeOurs: ReadonlySet<Settled | 'skipped'> = new Set(['recorded', 'corrected', 'repeated'])

const letters: Readonly<Record<Said['kind'], EndingKind>> = { settled: 's', void: 'v', hit: 'h', estimated: 's', correction: 'c' }

/** Settlements, voids and everything else that ends requests in Redis: those of one turn of the event loop go in one call a project. */
export class Endings {
  readonly #client: RedisClient
  readonly #gate: Gate
  readonly #total: OrganizationTotal
  readonly #clock: LedgerClock
  readonly #onLoss: () => void
  readonly #batches: TickBatches<Waiting>
  readonly #ring = new ReplayRing()
  readonly #lastSeqs = new Map<string, number>()

  constructor ({ client, gate, total, clock, onLoss }: EndingsOptions) {
    this.#client = client
    this.#gate = gate
    this.#total = total
    this.#clock = clock
    this.#onLoss = onLoss
    this.#batches = new TickBatches((projectId, waiting) => { void this.#send(projectId, waiting) })
  }

  /** Ends a request, whatever became of its reservation. */
  async end (said: Said): Promise<Settled> {
    const result = await this.#end(letters[said.kind], said)
    if (mayBeOurs.has(result)) this.remember(said)
    return result === 'skipped' ? 'repeated' : result
  }

  /** Ends a request if its lease has run out. */
  async expire (said: Said): Promise<boolean> {
    const result = await this.#end('e', said)
    if (mayBeOurs.has(result)) this.remember(said)
    return result === 'recorded'
  }

  /** Keeps an ending that Redis acknowledged, in case it loses it. */
  remember (said: Said): void {
    this.#ring.add(said, performance.now())
  }

  /** Projects of what may be said again. */
  remembered (): ReadonlySet<string> {
    return new Set(this.#ring.all().map(({ reservation }) => reservation.projectId))
  }

  /** Says again what Redis may have lost. Returns how much that was. */
  async replay (): Promise<number> {
    const said = this.#ring.all()
    for (let from = 0; from < said.length; from += saidAtOnce) {
      await Promise.all(said.slice(from, from + saidAtOnce).map(one => this.#end(letters[one.kind], one)))
    }
    return said.length
  }

  /** `open`: those of the rows' requests that are not known to have ended. */
  async restore (projectId: string, rows: readonly LedgerRow[], open: ReadonlyMap<string, Reservation>): Promise<void> {
    for (let from = 0; from < rows.length; from += saidAtOnce) {
      // One turn of the event loop is one call, which keeps the order.
      await Promise.all(rows.slice(from, from + saidAtOnce).map(row => {
        const posting = postingOf(row.kind, open.get(row.rid) ?? reservationOfRow(projectId, row), row)
        return this.#submit({ kind: 'r', posting, restored: { seq: row.seq, at: row.at } })
      }))
    }
  }

  async #end (letter: EndingKind, said: Said): Promise<Settled | 'skipped'> {
    const { kind, reservation, outcome } = said
    const [result, detail] = await this.#submit({ kind: letter, posting: postingOf(kind, reservation, outcome), restored: null })
    if (result === 'moved' && detail !== reservation.period) return this.#end(letter, { ...said, reservation: { ...reservation, period: detail } })
    if (result === 'estimated') return kind === 'estimated' ? 'repeated' : this.#correct(said, detail)
    return ownResult(result)
  }

  async #correct ({ reservation, outcome }: Said, billed: Pick<Outcome, 'usage' | 'costNanoUsd'>): Promise<Settled | 'skipped'> {
    const posting = postingOf('correction', reservation, correctionOf(billed, outcome))
    const [result] = await this.#submit({ kind: 'c', posting, restored: null })
    return ownResult(result)
  }

  /** A call without an answer is made once more: ending the same rid again changes nothing. */
  async #submit (ending: Ending): Promise<EndingAnswer> {
    try {
      return await this.#once(ending)
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error
      return this.#once(ending).catch(() => { throw error })
    }
  }

  #once (ending: Ending): Promise<EndingAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<EndingAnswer>()
    this.#batches.add(ending.posting.reservation.projectId, { ending, resolve, reject })
    return promise
  }

  async #send (projectId: string, waiting: readonly Waiting[]): Promise<void> {
    try {
      const call = settleCall(projectId, waiting.map(({ ending }) => ending), this.#clock.given())
      const { seqBefore, answers } = endingAnswers(await this.#gate.call(() => runScript(this.#client, 'settle', call)))
      this.#follow(projectId, seqBefore, answers)
      for (const [index, { ending, resolve, reject }] of waiting.entries()) {
        const answer = answers[index]
        this.#total.touch(projectId, ending.posting.reservation.period, 0)
        if (answer === undefined) reject(new Error('the ledger answered less than it was asked'))
        else resolve(answer)
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }

  /** Rows are numbered without gaps: a number that goes back tells that Redis lost some. */
  #follow (projectId: string, seqBefore: number, answers: readonly EndingAnswer[]): void {
    const lost = seqBefore < (this.#lastSeqs.get(projectId) ?? 0)
    if (this.#lastSeqs.size >= maxRemembered) this.#lastSeqs.clear()
    const written = answers.filter(([result]) => result === 'recorded' || result === 'corrected').length
    this.#lastSeqs.set(projectId, seqBefore + written)
    if (lost) this.#onLoss()
  }
}

/** Throws for a result that only another script than ours could give. */
function ownResult (result: EndingAnswer[0]): Settled | 'skipped' {
  if (result === 'moved' || result === 'estimated') throw new Error(`the ledger answered "${result}" where that cannot be`)
  return result
}
