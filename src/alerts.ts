import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { signedHeaders, signingSecretOf } from './keys/signing-secret.ts'
import { centsOf } from './metering/money.ts'
import type { Period } from './metering/period.ts'
import type { Directory, SpendAlert } from './stores/directory.ts'

/** What a month has cost so far, nano-USD. */
export interface Spend {
  readonly month: Period
  readonly total: number
  readonly byProject: ReadonlyMap<string, number>
}

export interface AlertsOptions {
  readonly directory: Directory
  readonly spend: () => Promise<Spend>
  /** The secret that those of the webhooks follow from. */
  readonly pepper: string
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>
  /** Times before each further attempt, ms. */
  readonly backOff?: readonly number[]
}

interface Due {
  readonly alert: SpendAlert
  /** Null: the organization's. */
  readonly projectId: string | null
  readonly spentNanoUsd: number
  readonly month: Period
}

const interval = 60_000
const backOff = [1_000, 5_000, 25_000, 125_000]
const callTimeout = 10_000
/** A call that failed for good is tried again by whichever process looks next after this. Longer than all attempts take. */
const claimSeconds = 600
/** Longer than a month: an alert is sent once in each. */
const sentSeconds = 40 * 24 * 3600
/** Calls at a time; what is beyond them comes with the next look. */
const maxOpen = 16
const projectsAtOnce = 100

/**
 * Calls the webhooks of spend alerts, once a month each, whichever of the replicas sees it first: a claim in the directory decides.
 * A call that nobody takes is repeated with growing pauses, then left to a later look.
 */
export class SpendAlerts {
  readonly #options: Required<AlertsOptions>
  readonly #process = randomUUID()
  readonly #ended = new AbortController()
  readonly #open = new Set<Promise<void>>()
  readonly #timer: NodeJS.Timeout

  constructor (options: AlertsOptions) {
    this.#options = { backOff, ...options }
    this.#timer = setTimeout(() => { this.#turn() }, interval)
    this.#timer.unref()
  }

  /** One look at all alerts; resolves when what it sent has arrived or been given up. */
  async look (): Promise<void> {
    for (const due of await this.#due()) {
      if (this.#open.size >= maxOpen) break
      if (await this.#claim(due)) this.#send(due)
    }
    await Promise.all(this.#open)
  }

  async close (): Promise<void> {
    clearTimeout(this.#timer)
    this.#ended.abort()
    await Promise.all(this.#open)
  }

  /** Does not wait for calls: one webhook that hangs must not hold up the others. */
  #turn (): void {
    this.#timer.refresh()
    this.look().catch((error: unknown) => { this.#options.logger.error({ err: error }, 'spend alerts could not be looked at') })
  }

  async #due (): Promise<Due[]> {
    const { directory: { organization, owners } } = this.#options
    const { spendAlerts } = await organization.get()
    const projects = await this.#projectsWithAlerts()
    if (spendAlerts.length === 0 && projects.length === 0) return []
    const { month, total, byProject } = await this.#options.spend()
    const candidates: Due[] = [
      ...spendAlerts.map(alert => ({ alert, projectId: null, spentNanoUsd: total, month })),
      ...projects.flatMap(({ id, spendAlerts }) => spendAlerts.map(alert => ({ alert, projectId: id, spentNanoUsd: byProject.get(id) ?? 0, month })))
    ].filter(({ alert, spentNanoUsd }) => spentNanoUsd >= alert.thresholdNanoUsd)
    const sent = await Promise.all(candidates.map(async one => await owners.get(`${nameOf(one)}:sent`)))
    return candidates.filter((_one, index) => sent[index] === null)
  }

  async #projectsWithAlerts () {
    const found = []
    for (let after: string | undefined; ;) {
      const { data, hasMore } = await this.#options.directory.projects.list({ after, limit: projectsAtOnce, order: 'asc', includeArchived: false })
      found.push(...data.filter(({ spendAlerts }) => spendAlerts.length > 0))
      after = data.at(-1)?.id
      if (!hasMore) return found
    }
  }

  /** Whether this process is the one to send it. Claims are also what lets others have a turn while some webhooks fail. */
  async #claim (due: Due): Promise<boolean> {
    const owner = { projectId: due.projectId ?? 'organization', upstream: `${this.#process}:${randomUUID()}` }
    const { upstream } = await this.#options.directory.owners.record(nameOf(due), owner, claimSeconds)
    return upstream === owner.upstream
  }

  #send (due: Due): void {
    const delivery = this.#deliver(due).finally(() => { this.#open.delete(delivery) })
    this.#open.add(delivery)
  }

  async #deliver (due: Due): Promise<void> {
    const { directory, logger } = this.#options
    const about = { alert: due.alert.id, project: due.projectId }
    try {
      if (!await this.#callUntilTaken(due)) {
        logger.error(about, 'the webhook of a spend alert takes no calls')
        return
      }
      await directory.owners.record(`${nameOf(due)}:sent`, { projectId: due.projectId ?? 'organization', upstream: this.#process }, sentSeconds)
      logger.info(about, 'spend alert sent')
    } catch (error) {
      if (!this.#ended.signal.aborted) logger.error({ err: error, ...about }, 'a spend alert could not be sent')
    }
  }

  async #callUntilTaken (due: Due): Promise<boolean> {
    const id = `evt_${randomUUID().replaceAll('-', '')}`
    for (const pause of [0, ...this.#options.backOff]) {
      await sleep(pause, undefined, { signal: this.#ended.signal })
      if (await this.#call(due, id)) return true
    }
    return false
  }

  /** Redirects are not followed: they could lead where the administrator did not point. */
  async #call (due: Due, id: string): Promise<boolean> {
    const { pepper, logger } = this.#options
    const seconds = Math.floor(Date.now() / 1000)
    const body = JSON.stringify(eventOf(due, id, seconds))
    const headers = { 'content-type': 'application/json', ...signedHeaders(signingSecretOf(due.alert.id, pepper), id, body, seconds) }
    try {
      const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(callTimeout)])
      const answer = await fetch(due.alert.webhookUrl, { method: 'POST', headers, body, redirect: 'manual', signal })
      await answer.body?.cancel()
      return answer.ok
    } catch (error) {
      logger.warn({ err: error, alert: due.alert.id }, 'the webhook of a spend alert did not answer')
      return false
    }
  }
}

/** Another threshold is another alert: it is sent again. */
function nameOf ({ alert, month }: Due): string {
  return `spend_alert:${alert.id}:${alert.thresholdNanoUsd}:${month.id}`
}

function eventOf ({ alert, projectId, spentNanoUsd, month }: Due, id: string, seconds: number) {
  return {
    id,
    object: 'event',
    type: projectId === null ? 'organization.spend_alert.reached' : 'project.spend_alert.reached',
    created_at: seconds,
    data: {
      id: alert.id,
      project_id: projectId,
      month: month.id,
      currency: 'USD',
      threshold_amount: centsOf(alert.thresholdNanoUsd),
      spent_amount: centsOf(spentNanoUsd)
    }
  }
}
