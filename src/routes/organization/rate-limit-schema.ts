import Type, { type Static } from 'typebox'
import type { RateLimit } from '../../stores/directory.ts'

/**
 * Stands for "no limit" where OpenAI's type knows no null. The largest number that every SDK's integer holds. It is
 * understood in requests as well, so that what was read can be written back.
 */
export const unlimited = 2 ** 31 - 1

const Count = Type.Union([Type.Integer({ minimum: 0, maximum: unlimited }), Type.Null()])

const limits = {
  max_requests_per_1_minute: Type.Optional(Count),
  max_tokens_per_1_minute: Type.Optional(Count),
  max_requests_per_1_day: Type.Optional(Count),
  max_concurrent_requests: Type.Optional(Count),
  shadow: Type.Optional(Type.Boolean())
}

/** `max_concurrent_requests` and `shadow` are Tollgate's own; null and `unlimited` take a limit away. */
export const RateLimitBodySchema = Type.Object(limits, { additionalProperties: false })
export type RateLimitBody = Static<typeof RateLimitBodySchema>

export const ModelName = Type.String({ minLength: 1, maxLength: 256 })

/** The limits of a key, which OpenAI's API does not have. */
export const KeyRateLimitsSchema = Type.Array(Type.Object({ model: ModelName, ...limits }, { additionalProperties: false }), { maxItems: 500 })
export type KeyRateLimits = Static<typeof KeyRateLimitsSchema>

const fields = {
  max_requests_per_1_minute: 'requestsPerMinute',
  max_tokens_per_1_minute: 'tokensPerMinute',
  max_requests_per_1_day: 'requestsPerDay',
  max_concurrent_requests: 'concurrency'
} as const

export function noLimit (model: string): RateLimit {
  return { model, requestsPerMinute: null, tokensPerMinute: null, requestsPerDay: null, concurrency: null, shadow: false }
}

/** The limit as it is after a change: what the body leaves out stays. */
export function changedLimit (now: RateLimit, body: RateLimitBody): RateLimit {
  const changes = Object.entries(fields).flatMap(([name, field]) => {
    const value = body[name as keyof typeof fields]
    return value === undefined ? [] : [[field, value === unlimited ? null : value]]
  })
  return { ...now, ...Object.fromEntries(changes), shadow: body.shadow ?? now.shadow }
}

export function rateLimitsOf (bodies: KeyRateLimits): RateLimit[] {
  return bodies.map(({ model, ...body }) => changedLimit(noLimit(model), body))
}

export function rateLimitId (model: string): string {
  return `rl-${model}`
}

/** Null: no rate limit can have such an id. */
export function modelOfRateLimit (id: string): string | null {
  return /^rl-(.{1,256})$/s.exec(id)?.[1] ?? null
}

/** A project's rate limit as the API shows it. */
export function rateLimitObject (limit: RateLimit) {
  return { object: 'project.rate_limit' as const, id: rateLimitId(limit.model), ...rateLimitFields(limit) }
}

/** What is not limited is left out where OpenAI's type allows it. */
export function rateLimitFields ({ model, requestsPerMinute, tokensPerMinute, requestsPerDay, concurrency, shadow }: RateLimit) {
  return {
    model,
    max_requests_per_1_minute: requestsPerMinute ?? unlimited,
    max_tokens_per_1_minute: tokensPerMinute ?? unlimited,
    ...(requestsPerDay === null ? {} : { max_requests_per_1_day: requestsPerDay }),
    max_concurrent_requests: concurrency,
    shadow
  }
}
