import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Admission, Admitted } from '../src/metering/admission.ts'
import { estimateOf } from '../src/metering/demand.ts'
import { denialError } from '../src/metering/denial-error.ts'
import { countedTokens, roughTokens } from '../src/metering/estimate.ts'
import type { CountTokens } from '../src/metering/estimate.ts'
import { rateLimitHeaders } from '../src/metering/headers.ts'
import type { PriceTable } from '../src/metering/pricing.ts'
import { ridOf } from '../src/metering/reservation.ts'
import type { AdmitRequest } from '../src/metering/reservation.ts'
import type { LimitRule } from '../src/metering/rules.ts'
import type { Call } from '../src/openai/call.ts'
import { GatewayError } from '../src/openai/errors.ts'
import type { Credential } from '../src/stores/directory.ts'
import { failureModeOf, limitRulesOf } from '../src/stores/directory/limit-rules.ts'
import type { Ledger } from '../src/stores/ledger.ts'
import { StoreUnavailableError } from '../src/stores/unavailable.ts'

export interface LimitsOptions {
  readonly ledger: Pick<Ledger, 'admit'>
  readonly prices: PriceTable
  /** Output tokens that are reserved for a request that sets no cap. */
  readonly defaultMaxOutputTokens: number
  /** Loads the tokenizer. It is heavy, and most processes never need it. */
  readonly tokenizer: () => Promise<CountTokens>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The request was let in; null on routes without a call. To be settled or voided, unless it was a hit. */
    admission: Admitted | null
  }
}

/** One atomic admission before anything goes upstream: every rule is checked, then all that the request may use is reserved. */
async function limits (app: FastifyInstance, options: LimitsOptions): Promise<void> {
  const { ledger, prices, defaultMaxOutputTokens, tokenizer } = options
  app.decorateRequest('admission', null)

  app.addHook('preHandler', async (request, reply) => {
    const { call, caller } = request
    if (call === null || caller === null) return
    const asked = admitRequest(request, call, caller)
    let admission = await ledger.admit(asked).catch(unavailable)
    if (!admission.admitted && admission.final !== true && dependsOnTokens(admission.denial.rule)) admission = await admitCounted(asked, call, admission)
    app.metrics.limits(caller.project.id, admission.limits)
    void reply.headers(rateLimitHeaders(admission.limits))
    if (admission.degraded) void reply.header('x-tollgate-degraded', 'metering')
    if (admission.admitted) {
      request.admission = admission
      return
    }
    request.facts.deniedBy = admission.denial
    throw denialError(admission.denial)
  })

  /** Asks again where the estimate, and not the prompt itself, was too large. */
  async function admitCounted (asked: AdmitRequest, call: Call, denied: Admission): Promise<Admission> {
    const inputTokens = await countSlowly(countedTokens(call, await tokenizer()))
    if (inputTokens >= asked.estimate.inputTokens) return denied
    return await ledger.admit({ ...asked, estimate: estimateFor(call, inputTokens) }).catch(unavailable)
  }

  function admitRequest (request: FastifyRequest, call: Call, caller: Credential): AdmitRequest {
    const rules = limitRulesOf(caller, call.model)
    return {
      rid: ridOf(request.id),
      projectId: caller.project.id,
      keyId: caller.key.id,
      model: call.model,
      endpoint: call.endpoint,
      rules,
      estimate: estimateFor(call, roughTokens(call)),
      hit: request.answer !== null,
      failureMode: failureModeOf(caller)
    }
  }

  function estimateFor (call: Call, inputTokens: number): AdmitRequest['estimate'] {
    return estimateOf(call, inputTokens, defaultMaxOutputTokens, prices.find(call.model, Date.now()))
  }
}

function unavailable (error: unknown): never {
  if (!(error instanceof StoreUnavailableError)) throw error
  throw new GatewayError('metering_unavailable', { headers: { 'retry-after': '1' }, cause: error })
}

function dependsOnTokens ({ metric }: LimitRule): boolean {
  return metric === 'tokens_per_minute' || metric === 'spend_per_month'
}

/** A slice at a time, so that a long prompt does not hold up everyone else. */
async function countSlowly (counting: Generator<void, number>): Promise<number> {
  for (let step = counting.next(); ; step = counting.next()) {
    if (step.done === true) return step.value
    await new Promise(resolve => setImmediate(resolve))
  }
}

export default fp(limits, { name: 'limits', fastify: '5.x', dependencies: ['auth', 'body', 'facts', 'metrics', 'answers'], decorators: { request: ['call', 'caller', 'facts', 'answer'] } })
