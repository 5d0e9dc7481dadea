import Type, { type Static } from 'typebox'
import { signingSecretOf } from '../../keys/signing-secret.ts'
import { centsOf, nanoUsdOfCents } from '../../metering/money.ts'
import { GatewayError } from '../../openai/errors.ts'
import type { SpendAlert } from '../../stores/directory.ts'
import { Currency, Interval, PositiveCents } from './money-schema.ts'

/** OpenAI sends mail; this gateway calls a webhook. Mail is taken only to say so. */
const Channel = Type.Object({
  type: Type.Enum(['webhook', 'email']),
  url: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
  recipients: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
  subject_prefix: Type.Optional(Type.Union([Type.String(), Type.Null()]))
}, { additionalProperties: false })

export const SpendAlertBodySchema = Type.Object({
  threshold_amount: PositiveCents,
  currency: Currency,
  interval: Interval,
  notification_channel: Channel
}, { additionalProperties: false })
export type SpendAlertBody = Static<typeof SpendAlertBodySchema>

export function spendAlertOf (id: string, { threshold_amount: cents, notification_channel: { type, url } }: SpendAlertBody): SpendAlert {
  if (type !== 'webhook') throw invalid('type', 'must be "webhook": this gateway sends no mail. Say { "type": "webhook", "url": "https://…" }')
  return { id, thresholdNanoUsd: nanoUsdOfCents(cents), webhookUrl: checkedUrl(url) }
}

function checkedUrl (text: string | undefined): string {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid('url', 'must be the URL of a webhook')
  if (url.username !== '' || url.password !== '') throw invalid('url', 'must hold no password: deliveries are signed instead')
  return url.href
}

/** An alert as the API shows it. `signing_secret` and the channel `webhook` are Tollgate's own. */
export function spendAlertObject<Name extends string> (object: Name, { id, thresholdNanoUsd, webhookUrl }: SpendAlert, pepper: string) {
  return {
    object,
    id,
    threshold_amount: centsOf(thresholdNanoUsd),
    currency: 'USD' as const,
    interval: 'month' as const,
    notification_channel: { type: 'webhook' as const, url: webhookUrl, recipients: [] as string[] },
    signing_secret: signingSecretOf(id, pepper)
  }
}

function invalid (field: string, complaint: string): GatewayError {
  const param = `notification_channel.${field}`
  return new GatewayError('invalid_value', { param, message: `"${param}" ${complaint}.` })
}
