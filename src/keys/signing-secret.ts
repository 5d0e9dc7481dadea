import { createHmac } from 'node:crypto'

const prefix = 'whsec_'

/** The secret under which a spend alert's calls are signed: the same in every process, stored nowhere, good for nothing else. */
export function signingSecretOf (alertId: string, pepper: string): string {
  return prefix + createHmac('sha256', pepper).update(`spend alert ${alertId}`).digest('base64')
}

/** The headers of a signed call (standardwebhooks.com), which OpenAI's SDKs verify with `webhooks.unwrap`. Time in Unix seconds. */
export function signedHeaders (secret: string, id: string, body: string, seconds: number): Record<string, string> {
  const key = Buffer.from(secret.slice(prefix.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` }
}
