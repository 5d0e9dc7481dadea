import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { LimitView } from '../metering/limits.ts'
import { nanoUsdPerUsd, usdOf } from '../metering/money.ts'
import { Calendar } from '../metering/period.ts'
import type { Period } from '../metering/period.ts'
import type { LimitRule } from '../metering/rules.ts'
import { hourMs } from '../metering/usage.ts'
import type { UsageQuery, UsageResult } from '../metering/usage.ts'
import { GatewayError } from '../openai/errors.ts'
import type { Credential } from '../stores/directory.ts'
import { limitRulesOf } from '../stores/directory/limit-rules.ts'
import type { Ledger } from '../stores/ledger.ts'

export interface MeOptions {
  readonly ledger: Pick<Ledger, 'limits' | 'usage'>
  /** In which months begin. */
  readonly timeZone: string
}

/** `GET /v1/tollgate/me`: who the key's bearer is, what it may do, what is left, and what the month has used. */
export default async function me (app: FastifyInstance, { ledger, timeZone }: MeOptions): Promise<void> {
  const calendar = new Calendar(timeZone)

  app.get('/v1/tollgate/me', async request => {
    const caller = callerOf(request)
    const month = calendar.at(Date.now())
    const { id: projectId } = caller.project
    const [limits, ofProject, ofKey] = await Promise.all([
      ledger.limits(projectId, caller.key.id, allRulesOf(caller)),
      used(month, projectId, null),
      used(month, projectId, caller.key.id)
    ])
    return {
      object: 'tollgate.me',
      ...identityOf(caller),
      limits: limits.map(limitObject),
      month: { id: month.id, start_time: month.start / 1000, end_time: month.end / 1000, project: ofProject, key: ofKey }
    }
  })

  async function used (month: Period, projectId: string, keyId: string | null) {
    const { buckets } = await ledger.usage(monthQuery(month, projectId, keyId))
    return sumOf(buckets.flatMap(({ results }) => results))
  }
}

function callerOf ({ caller }: FastifyRequest): Credential {
  if (caller === null) throw new GatewayError('missing_api_key')
  return caller
}

function identityOf ({ project, serviceAccount, key }: Credential) {
  return {
    project: { id: project.id, name: project.name },
    service_account: { id: serviceAccount.id, name: serviceAccount.name },
    api_key: { id: key.id, name: key.name, redacted_value: key.redacted, expires_at: key.expiresAt, scopes: key.scopes },
    models: project.models === null ? null : { mode: project.models.mode, model_ids: project.models.modelIds },
    answers: project.settings.answers
  }
}

/** The rules for every model that has some, each once. */
function allRulesOf (caller: Credential): LimitRule[] {
  const models = [...caller.project.rateLimits, ...caller.key.rateLimits].map(({ model }) => model)
  const rules = ['*', ...models].flatMap(model => limitRulesOf(caller, model))
  return [...new Map(rules.map(rule => [rule.id, rule])).values()]
}

function limitObject ({ rule, remaining, resetMs }: LimitView) {
  const unit = rule.metric === 'spend_per_month' ? nanoUsdPerUsd : 1
  return {
    scope: rule.scope,
    model: rule.model,
    metric: rule.metric === 'spend_per_month' ? 'usd_per_month' : rule.metric,
    limit: rule.limit / unit,
    remaining: remaining / unit,
    resets_in_ms: resetMs,
    shadow: rule.shadow === true
  }
}

/** By the hour, because a month of another time zone does not begin with a day of UTC. */
function monthQuery ({ start, end }: Period, projectId: string, keyId: string | null): UsageQuery {
  return {
    startMs: start,
    endMs: end,
    width: 'hour',
    groupBy: [],
    projectIds: [projectId],
    keyIds: keyId === null ? null : [keyId],
    models: null,
    endpoints: null,
    limit: Math.ceil((end - start) / hourMs) + 1
  }
}

function sumOf (results: readonly UsageResult[]) {
  const sum = (amount: (result: UsageResult) => number): number => results.reduce((total, result) => total + amount(result), 0)
  return {
    requests: sum(({ requests }) => requests),
    input_tokens: sum(({ inputTokens }) => inputTokens),
    output_tokens: sum(({ outputTokens }) => outputTokens),
    cost_usd: usdOf(sum(({ costNanoUsd }) => costNanoUsd))
  }
}
