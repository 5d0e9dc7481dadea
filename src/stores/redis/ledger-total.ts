import { Places } from '../../collections/places.ts'
import type { RedisClient } from './client.ts'
import { keysOf, sharedKeys } from './ledger-keys.ts'
import { runScript, ScriptCall } from './ledger-scripts.ts'

/** Projects read and sent at once. */
const projectsAtOnce = 200
/** One month, and another while they change. */
const maxMonths = 2

interface Asked {
  /** 1, 2, 3, … in the order of asking. */
  readonly number: number
  readonly costNanoUsd: number
}

interface MonthTotal {
  /** Spent and reserved by all projects, nano-USD, when it was last read. */
  total: number
  /** Admitted by this replica since. */
  admitted: number
  readAt: number
  /** Projects that this replica may have changed since. */
  touched: Set<string>
  reading: Promise<void> | null
}

/**
 * What all projects together have spent and reserved in a month. They live in different slots, so no script sees them all: each replica
 * brings the sums of the projects it changed, and reads the total, at most `maxAge` ms before it is used. What this replica has
 * admitted since, and what it is asking for, is added, so that a total overshoots only by what the others admit within that time.
 */
export class OrganizationTotal {
  readonly #redis: RedisClient
  readonly #projectIds: () => Promise<readonly string[]>
  readonly #maxAge: number
  readonly #months = new Map<string, MonthTotal>()
  /** What this replica asks for at the moment. */
  readonly #asked = new Places<Asked>()
  #askedSoFar = 0

  constructor (redis: RedisClient, projectIds: () => Promise<readonly string[]>, maxAge: number) {
    this.#redis = redis
    this.#projectIds = projectIds
    this.#maxAge = maxAge
  }

  /** Nano-USD, spent and reserved. The first time, every project is read. */
  async used (period: string): Promise<number> {
    const month = this.#months.get(period) ?? await this.#begin(period)
    if (!this.#isFresh(month)) {
      month.reading ??= this.#read(period, month)
      await month.reading
    }
    return month.total + month.admitted
  }

  /** The same without asking Redis; null: what is known is too old. */
  known (period: string): number | null {
    const month = this.#months.get(period)
    return month !== undefined && this.#isFresh(month) ? month.total + month.admitted : null
  }

  /** Counts what is asked for until that is decided. `ahead` is what was asked for before it and is not decided yet, nano-USD. */
  async asking<Result> (costNanoUsd: number, ask: (ahead: () => number) => Promise<Result>): Promise<Result> {
    const number = ++this.#askedSoFar
    const place = this.#asked.add({ number, costNanoUsd })
    try {
      return await ask(() => this.#askedBefore(number))
    } finally {
      this.#asked.remove(place)
    }
  }

  /** A project's sums changed, by `admitted` nano-USD if they rose. */
  touch (projectId: string, period: string, admitted: number): void {
    const month = this.#months.get(period)
    if (month === undefined) return
    month.touched.add(projectId)
    month.admitted += admitted
  }

  #askedBefore (number: number): number {
    return this.#asked.sum(asked => asked.number < number ? asked.costNanoUsd : 0)
  }

  #isFresh ({ readAt }: MonthTotal): boolean {
    return performance.now() - readAt <= this.#maxAge
  }

  async #begin (period: string): Promise<MonthTotal> {
    const touched = new Set(await this.#projectIds())
    const month = { total: 0, admitted: 0, readAt: -Infinity, touched, reading: null }
    const [oldest] = this.#months.keys()
    if (oldest !== undefined && this.#months.size >= maxMonths) this.#months.delete(oldest)
    this.#months.set(period, month)
    return month
  }

  async #read (period: string, month: MonthTotal): Promise<void> {
    const { touched, admitted } = month
    const startedAt = performance.now()
    month.touched = new Set()
    try {
      month.total = await this.#bring(period, [...touched])
      month.admitted -= admitted
      month.readAt = startedAt
    } catch (error) {
      for (const projectId of touched) month.touched.add(projectId)
      throw error
    } finally {
      month.reading = null
    }
  }

  async #bring (period: string, projectIds: readonly string[]): Promise<number> {
    let total = 0
    for (let from = 0; from === 0 || from < projectIds.length; from += projectsAtOnce) {
      const some = projectIds.slice(from, from + projectsAtOnce)
      const sums = await Promise.all(some.map(projectId => this.#sumOf(projectId, period)))
      total = Number(await runScript(this.#redis, 'total', new ScriptCall([sharedKeys.total(period)], ...sums)))
    }
    return total
  }

  async #sumOf (projectId: string, period: string): Promise<string> {
    const [version, spent, reserved] = await this.#redis.hmget(keysOf(projectId).spend(period), 'version', 'spent:', 'reserved:')
    return JSON.stringify([projectId, Number(version ?? 0), Number(spent ?? 0) + Number(reserved ?? 0)])
  }
}
