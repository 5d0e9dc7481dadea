import type { FailureMode } from '../../metering/reservation.ts'
import type { LimitRule, Metric, Scope } from '../../metering/rules.ts'
import type { Credential } from '../directory.ts'
import type { RateLimit, SpendLimit } from './objects.ts'
import { rateLimitFor } from './permissions.ts'

const rates = [
  ['requests_per_minute', 'requestsPerMinute'],
  ['tokens_per_minute', 'tokensPerMinute'],
  ['requests_per_day', 'requestsPerDay'],
  ['concurrency', 'concurrency']
] as const satisfies ReadonlyArray<readonly [Metric, keyof RateLimit]>

/** Every limit that a request for the model must keep: the project's, the key's own, and the organization's. */
export function limitRulesOf ({ key, project, organization }: Credential, model: string): LimitRule[] {
  return [
    ...rateRules('project', rateLimitFor(project.rateLimits, model)),
    ...rateRules('key', rateLimitFor(key.rateLimits, model)),
    ...spendRules('project', project.spendLimit),
    ...spendRules('key', key.spendLimit),
    ...spendRules('organization', organization.spendLimit)
  ]
}

/** What happens to the request while the shared store is away. Whoever limits spend wants no spend that can't be counted. */
export function failureModeOf ({ key, project, organization }: Credential): FailureMode {
  const limitsSpend = [key, project, organization].some(({ spendLimit }) => spendLimit !== null && !spendLimit.shadow)
  return project.settings.failureMode ?? (limitsSpend ? 'closed' : 'local')
}

/** Models without limits of their own share those of `*`: the limiter's name holds the limit's model, not the request's. */
function rateRules (scope: Scope, rateLimit: RateLimit | null): LimitRule[] {
  if (rateLimit === null) return []
  const { model, shadow } = rateLimit
  return rates.flatMap(([metric, field]) => {
    const limit = rateLimit[field]
    return limit === null ? [] : [{ id: `${scope}:${metric}:${model}`, scope, model, metric, limit, shadow }]
  })
}

function spendRules (scope: Scope, spendLimit: SpendLimit | null): LimitRule[] {
  if (spendLimit === null) return []
  const metric = 'spend_per_month'
  return [{ id: `${scope}:${metric}`, scope, model: '*', metric, limit: spendLimit.amountNanoUsd, shadow: spendLimit.shadow }]
}
