import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { LimitView } from '../metering/limits.ts'
import type { Outcome as Bill } from '../metering/row.ts'
import { usdOf } from '../metering/money.ts'
import { errorReason } from '../openai/error-class.ts'
import type { Usage } from '../openai/usage.ts'
import type { BreakerState } from '../upstream/breaker.ts'
import type { Outcome } from '../upstream/exchange.ts'
import type { Traffic } from '../upstream/traffic.ts'
import { BoundedLabel, other } from './labels.ts'
import type { ModelLabel } from './labels.ts'
import { LimitStandings } from './limit-standings.ts'
import type { RequestFacts } from './request-facts.ts'
import { SummedCounter } from './summed-counter.ts'
import { SummedHistogram } from './summed-histogram.ts'

/** What is read of an upstream when the metrics are. */
export interface WatchedUpstream {
  readonly name: string
  readonly traffic: Traffic
  readonly breaker: { readonly state: BreakerState }
}

/** What is read of the ledger when the metrics are. */
export interface LedgerCondition {
  readonly available: boolean
  /** What was spent is gone: projects with a budget are refused. */
  readonly forgot: boolean
  /** Settlements that wait on this process's disk. */
  readonly spooled: number
}

export interface MetricsOptions {
  readonly version: string
  readonly models: ModelLabel
  readonly upstreams: readonly WatchedUpstream[]
}

interface GaugeOptions {
  /** Called before it is read. */
  readonly collect?: () => void
  /** What becomes of the values of several processes; else their sum. */
  readonly aggregator?: 'first' | 'min' | 'max'
}

/** Projects with series of their own, at most. */
const maxProjects = 1_000
/** Seconds. A stream of a reasoning model may take minutes; a hit, milliseconds. */
const durationBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const overheadBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const breakerStates: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 }
/** Gauges whose names end in `_total`, which Prometheus keeps for counters. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** Counted by the process that leads the workers; workers themselves, and a process alone, have none. */
export const workerRestarts = { name: 'tollgate_worker_restarts_total', help: 'Worker processes that died and were replaced.' }

/**
 * All metrics of the gateway. Labels come from closed sets: projects (bounded), configured and priced models, upstreams, endpoints,
 * status classes, error reasons, limits. Nothing that a caller invents, and no key, user or request id.
 */
export class Metrics {
  readonly registry = new Registry()
  readonly #projects = new BoundedLabel(maxProjects)
  #models: ModelLabel
  readonly #standings = new LimitStandings()

  readonly #inFlight = this.#gauge('requests_in_flight', 'Requests that are not over.')
  readonly #loopDelay = this.#gauge('event_loop_delay_seconds', 'How late the event loop was in the last half second, on average, and how long requests waited for their turn. Above overload.max_loop_delay requests are shed.', [], { aggregator: 'max' })
  readonly #memoryUsed = this.#gauge('memory_used_ratio', 'Share of the memory that a process may use, its container\'s or its heap\'s. From 0.92 on answers end their connections, from 0.95 on requests are shed.', [], { aggregator: 'max' })
  readonly #requests = this.#summed('requests_total', 'Requests by how they ended. 499: the client left. A stream that broke counts as its error would.', ['project', 'model', 'endpoint', 'status'])
  readonly #errors = this.#summed('errors_total', 'Failures that callers were told of, behind who has to act: caller, policy, upstream or gateway.', ['project', 'error'])
  readonly #duration = this.#histogram('request_duration_seconds', 'From a model call to the end of its response.', ['model', 'endpoint'], durationBuckets)
  readonly #firstToken = this.#histogram('time_to_first_token_seconds', 'From a model call to the first generated text of its stream.', ['model', 'endpoint'], durationBuckets)
  readonly #overhead = this.#histogram('overhead_seconds', 'What the gateway added before the first byte of an answer: neither the upstream\'s time nor the client\'s.', ['endpoint'], overheadBuckets)
  readonly #tokens = this.#summed('tokens_total', 'Tokens. Input contains cached input, output contains reasoning.', ['project', 'model', 'type'])
  readonly #cost = this.#summed('cost_usd_total', 'What requests were billed, US dollars.', ['project', 'model'])
  readonly #usageMissing = this.#counter('usage_missing_total', 'Answers that came without the provider\'s own usage.', ['upstream', 'reason'])
  readonly #unpriced = this.#counter('unpriced_requests_total', 'Requests of models without a price, whose cost is unknown.', ['model'])
  readonly #cache = this.#summed('cache_requests_total', 'Reproducible requests by what the answer store had.', ['result'])

  readonly #rejections = this.#summed('limit_rejections_total', 'Requests that a limit refused.', ['project', 'scope', 'limit'])
  readonly #shadowRejections = this.#counter('limit_shadow_rejections_total', 'Requests that a limit in shadow would have refused.', ['project', 'scope', 'limit'])
  readonly #limit = this.#gauge('limit', 'What a project is allowed, requests or tokens.', ['project', 'model', 'limit'], { aggregator: 'max', collect: () => { this.#readStandings() } })
  readonly #remaining = this.#gauge('limit_remaining', 'What is left of it.', ['project', 'model', 'limit'], { aggregator: 'min' })
  readonly #spendLimit = this.#gauge('spend_limit_usd', 'What a month may cost, US dollars. Project * is the organization.', ['project'], { aggregator: 'max' })
  readonly #spend = this.#gauge('spend_usd', 'What the month has cost so far, open reservations included, US dollars.', ['project'], { aggregator: 'max' })

  readonly #replayed = this.#counter('replayed_settlements_total', 'Settlements submitted again because the store had forgotten them.')
  readonly #reaped = this.#counter('reaped_reservations_total', 'Reservations whose lease ran out, billed by what was last seen of them.')

  readonly #reloads = this.#counter('config_reloads_total', 'Attempts to take over a changed configuration.', ['result'])
  readonly #reloadedAt = this.#gauge('config_last_reload_timestamp_seconds', 'When the configuration in effect was read, Unix seconds.', [], { aggregator: 'min' })

  constructor ({ version, models, upstreams }: MetricsOptions) {
    this.#models = models
    collectDefaultMetrics({ register: this.registry, prefix: 'tollgate_' })
    for (const name of misnamed) this.registry.removeSingleMetric(`tollgate_${name}`)
    this.#gauge('build_info', 'The running release; always 1.', ['version', 'node'], { aggregator: 'first' }).set({ version, node: process.version }, 1)
    this.#reloadedAt.setToCurrentTime()
    this.#watchUpstreams(upstreams)
    new Counter({ ...workerRestarts, registers: [this.registry] }).inc(0)
  }

  /** For the link that gathers the facts of requests. */
  began (): void {
    this.#inFlight.inc()
  }

  ended (facts: RequestFacts): void {
    this.#inFlight.dec()
    const project = this.#project(facts.projectId)
    const model = this.#model(facts.model)
    const endpoint = endpointOf(facts)
    this.#requests.inc([project, model, endpoint, facts.statusClass])
    if (facts.error !== null) this.#errors.inc([project, errorReason(facts.error.code)])
    if (facts.deniedBy !== null) this.#rejections.inc([project, facts.deniedBy.rule.scope, facts.deniedBy.rule.metric])
    if (facts.cache !== null) this.#cache.inc([facts.cache])
    if (facts.endpoint === null) return
    this.#duration.observe([model, endpoint], facts.totalMs / 1000)
    if (facts.firstTokenMs !== null) this.#firstToken.observe([model, endpoint], facts.firstTokenMs / 1000)
    if (facts.overheadMs !== null) this.#overhead.observe([endpoint], facts.overheadMs / 1000)
    if (facts.costNanoUsd !== null) this.#cost.inc([project, model], usdOf(facts.costNanoUsd))
    if (facts.outcome !== null) this.#used(project, model, facts, facts.outcome)
  }

  /** How late the event loop is, ms. For the link that sheds. */
  loopDelay (ms: number): void {
    this.#loopDelay.set(ms / 1000)
  }

  /** 0 to 1. For the link that sheds. */
  memoryUsed (share: number): void {
    this.#memoryUsed.set(share)
  }

  /** Where a project's limits stand after an admission. For the limits' link. */
  limits (projectId: string, views: readonly LimitView[]): void {
    const project = this.#project(projectId)
    if (project !== other) this.#standings.note(project, views, performance.now())
    for (const { rule, exceeded } of views) {
      if (exceeded) this.#shadowRejections.inc({ project, scope: rule.scope, limit: rule.metric })
    }
  }

  /** What a response used that was made in the background: its request ended before that was known. */
  usedInBackground (projectId: string, model: string, { usage, costNanoUsd }: Bill): void {
    const labels = [this.#project(projectId), this.#model(model)] as const
    this.#countTokens(...labels, usage)
    if (costNanoUsd !== null) this.#cost.inc([...labels], usdOf(costNanoUsd))
  }

  /** A request's model has no price. For the meter. */
  unpriced (model: string): void {
    this.#unpriced.inc({ model: this.#model(model) })
  }

  /** How the ledger is, is read when someone asks. */
  watchLedger (health: () => LedgerCondition): void {
    const degraded = this.#gauge('degraded', '1 while the shared store is away.', [], { aggregator: 'max', collect: () => { degraded.set(health().available ? 0 : 1) } })
    const forgot = this.#gauge('ledger_forgot', '1 while projects with a budget are refused, because the shared store has forgotten what they spent.', [], { aggregator: 'max', collect: () => { forgot.set(health().forgot ? 1 : 0) } })
    const spool = this.#gauge('spool_depth', 'Settlements on this replica\'s disk that the shared store has not taken yet.', [], { collect: () => { spool.set(health().spooled) } })
  }

  /** The shared store had forgotten what it acknowledged, and was told again. For the ledger's owner, like the next. */
  replayed (settlements: number): void {
    this.#replayed.inc(settlements)
  }

  reaped (reservations: number): void {
    this.#reaped.inc(reservations)
  }

  /** A changed configuration was taken over, or refused and the old one kept. For the server. */
  configReloaded (ok: boolean): void {
    this.#reloads.inc({ result: ok ? 'ok' : 'failed' })
    if (ok) this.#reloadedAt.setToCurrentTime()
  }

  /** Which models have series of their own from now on. */
  label (models: ModelLabel): void {
    this.#models = models
  }

  #used (project: string, model: string, { background }: RequestFacts, { usage, upstream, dispatched, result }: Outcome): void {
    if (usage !== null) this.#countTokens(project, model, usage)
    else if (dispatched && !background) this.#usageMissing.inc({ upstream, reason: result })
  }

  #countTokens (project: string, model: string, usage: Usage): void {
    this.#tokens.inc([project, model, 'input'], usage.inputTokens)
    this.#tokens.inc([project, model, 'output'], usage.outputTokens)
    if (usage.cachedInputTokens > 0) this.#tokens.inc([project, model, 'cached_input'], usage.cachedInputTokens)
    if (usage.reasoningTokens > 0) this.#tokens.inc([project, model, 'reasoning'], usage.reasoningTokens)
  }

  #project (id: string | null): string {
    return id === null ? 'none' : this.#projects.of(id)
  }

  #model (model: string | null): string {
    return model === null ? 'none' : this.#models.of(model)
  }

  /** Called by the first of the four gauges that it sets: they are read in the order of their making. */
  #readStandings (): void {
    for (const gauge of [this.#limit, this.#remaining, this.#spendLimit, this.#spend]) gauge.reset()
    this.#standings.each(performance.now(), (project, { rule, remaining }) => {
      if (rule.metric === 'spend_per_month') {
        const labels = { project: rule.scope === 'organization' ? '*' : project }
        this.#spendLimit.set(labels, usdOf(rule.limit))
        this.#spend.set(labels, usdOf(rule.limit - remaining))
      } else {
        const labels = { project, model: rule.model === '*' ? '*' : this.#model(rule.model), limit: rule.metric }
        this.#limit.set(labels, rule.limit)
        this.#remaining.set(labels, remaining)
      }
    })
  }

  /** What upstreams count themselves is read when someone asks. */
  #watchUpstreams (upstreams: readonly WatchedUpstream[]): void {
    const requests = this.#counter('upstream_requests_total', 'Requests sent to upstreams, by how they were answered. none: the connection failed or timed out. aborted: nobody waited any more.', ['upstream', 'status'], () => {
      requests.reset()
      for (const { name, traffic } of upstreams) {
        for (const [status, count] of Object.entries(traffic.answers)) requests.inc({ upstream: name, status }, count)
      }
    })
    const retries = this.#counter('upstream_retries_total', 'Requests sent again, by what had failed: the connection, the key, or the whole upstream.', ['upstream', 'reason'], () => {
      retries.reset()
      for (const { name, traffic } of upstreams) {
        for (const [reason, count] of Object.entries(traffic.retries)) retries.inc({ upstream: name, reason }, count)
      }
    })
    const breaker = this.#gauge('breaker_state', 'Whether an upstream is asked: 0 closed (yes), 1 half open (being probed), 2 open (no).', ['upstream'], {
      aggregator: 'max',
      collect: () => { for (const { name, breaker: { state } } of upstreams) breaker.set({ upstream: name }, breakerStates[state]) }
    })
  }

  #counter<L extends string> (name: string, help: string, labelNames: readonly L[] = [], collect?: () => void): Counter<L> {
    return new Counter({ name: `tollgate_${name}`, help, labelNames, registers: [this.registry], ...(collect && { collect }) })
  }

  #summed<L extends string> (name: string, help: string, labelNames: readonly L[]): SummedCounter<L> {
    return new SummedCounter({ name: `tollgate_${name}`, help, labelNames, registers: [this.registry] })
  }

  #gauge<L extends string> (name: string, help: string, labelNames: readonly L[] = [], options: GaugeOptions = {}): Gauge<L> {
    return new Gauge({ name: `tollgate_${name}`, help, labelNames, registers: [this.registry], ...options })
  }

  #histogram<L extends string> (name: string, help: string, labelNames: readonly L[], buckets: readonly number[]): SummedHistogram<L> {
    return new SummedHistogram({ name: `tollgate_${name}`, help, labelNames, buckets }).register(this.registry)
  }
}

/** Routes that ask for no model are told apart from unknown ones only. */
function endpointOf ({ endpoint, route }: RequestFacts): string {
  return endpoint ?? (route === null ? 'unknown' : 'other')
}
