import { randomBytes } from 'node:crypto'
import { noUsage } from '../../src/metering/outcome.ts'
import type { AdmitRequest, Estimate } from '../../src/metering/reservation.ts'
import type { Outcome } from '../../src/metering/row.ts'
import type { LimitRule } from '../../src/metering/rules.ts'

/** A UUIDv7 that was minted at a moment, ms. */
export function ridAt (ms: number): string {
  const hex = Math.floor(ms).toString(16).padStart(12, '0') + '7' + randomBytes(10).toString('hex').slice(0, 3) + '8' + randomBytes(10).toString('hex').slice(0, 15)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export const estimate: Estimate = { inputTokens: 10, maxOutputTokens: 90, costNanoUsd: 1000, promptCostNanoUsd: 100 }

export function aRequest (rid: string, fields: Partial<AdmitRequest> = {}): AdmitRequest {
  return {
    rid,
    projectId: 'proj_a',
    keyId: 'key_a',
    model: 'gpt-5',
    endpoint: 'chat.completions',
    rules: [],
    estimate,
    failureMode: 'closed',
    ...fields
  }
}

export function aRule (fields: Partial<LimitRule> & Pick<LimitRule, 'metric' | 'limit'>): LimitRule {
  return { id: fields.metric, scope: 'project', model: '*', ...fields }
}

export function anOutcome (inputTokens: number, outputTokens: number, costNanoUsd: number | null): Outcome {
  return { usage: { ...noUsage, inputTokens, outputTokens }, costNanoUsd, source: 'provider', status: '200' }
}
