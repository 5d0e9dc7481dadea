import { LRUCache } from 'lru-cache'
import type { Admission, Denied } from '../../metering/admission.ts'
import { unitsOf } from '../../metering/limits.ts'
import type { Denial, LimitView } from '../../metering/limits.ts'
import type { AdmitRequest } from '../../metering/reservation.ts'
import { demandOf } from '../../metering/reservation.ts'
import { limiterOf } from '../../metering/rules.ts'
import type { LimitRule } from '../../metering/rules.ts'

/** Requests that one replica has open for a project in the mode `open`. */
const openModePlaces = 256
const maxRemembered = 10_000

/** What a replica lets in by itself while the shared store is away. */
export class LocalShares {
  /** What was left of each budget when the store was last heard. */
  readonly #budgets = new LRUCache<string, number>({ max: maxRemembered })

  /** Remembers what is left of budgets. */
  learn ({ projectId, keyId }: AdmitRequest, limits: readonly LimitView[]): void {
    for (const { rule, remaining } of limits) {
      if (rule.metric === 'spend_per_month') this.#budgets.set(budgetName(projectId, keyId, rule), remaining)
    }
  }

  /** What was let in since may be known to the store by now, and nowhere else: budgets have to be heard of again. */
  forget (): void {
    this.#budgets.clear()
  }

  /** Whether every budget that the request must keep was heard of: an unknown one may be spent. */
  knows ({ failureMode, projectId, keyId, rules, hit = false }: AdmitRequest): boolean {
    if (failureMode === 'open' || hit) return true
    return rules.every(rule => rule.metric !== 'spend_per_month' || rule.shadow === true || this.#budgets.has(budgetName(projectId, keyId, rule)))
  }

  /** The request with its share of each limit: an equal part for each replica. In the mode `open`, with a cap on open requests alone. */
  share (request: AdmitRequest, replicas: number): AdmitRequest {
    if (request.failureMode === 'open') return { ...request, rules: [openModeRule] }
    return { ...request, rules: request.rules.map(rule => ({ ...rule, limit: this.#limitOf(rule, request, replicas) })) }
  }

  /** The answer about shares, as one about the real rules. */
  unshare (request: AdmitRequest, admission: Admission): Admission {
    const limits = admission.limits.map(view => ({ ...view, rule: realRule(request, view.rule) }))
    return admission.admitted ? { ...admission, limits, degraded: true } : { ...admission, limits, denial: realDenial(request, admission), degraded: true }
  }

  /**
   * A refusal after which the request must not be asked for again. That it can never pass is not sure before its tokens are counted:
   * as another request, it may.
   */
  conclude ({ denial, ...admission }: Denied): Denied {
    return { ...admission, denial: denial.kind === 'size' ? laterOf(denial) : denial, final: true }
  }

  #limitOf (rule: LimitRule, { projectId, keyId }: AdmitRequest, replicas: number): number {
    if (rule.metric !== 'spend_per_month') return Math.min(rule.limit, Math.max(1, Math.floor(rule.limit / replicas)))
    return Math.floor((this.#budgets.get(budgetName(projectId, keyId, rule)) ?? rule.limit) / replicas)
  }
}

const openModeRule: LimitRule = { id: 'open-mode', scope: 'project', model: '*', metric: 'concurrency', limit: openModePlaces }
const sharedRetryMs = 1000

function budgetName (projectId: string, keyId: string, rule: LimitRule): string {
  return rule.scope === 'organization' ? rule.id : `${projectId} ${limiterOf(rule, keyId)}`
}

function realRule ({ rules }: AdmitRequest, shared: LimitRule): LimitRule {
  return rules.find(({ id }) => id === shared.id) ?? shared
}

/** A request that is too large for a share is not too large for the limit: it passes when the store is back. */
function realDenial (request: AdmitRequest, { denial }: Denied): Denial {
  const rule = realRule(request, denial.rule)
  if (denial.kind !== 'size' || unitsOf(rule, demandOf(request)) > rule.limit) return { ...denial, rule }
  return laterOf({ ...denial, rule })
}

function laterOf (denial: Denial): Denial {
  return { ...denial, kind: 'rate', retryAfterMs: sharedRetryMs }
}
