import { Unreadable } from './notation.ts'

/** The base URL that stands for the built-in offline provider. */
export const demo = 'demo'

/**
 * Where a provider's API begins, without a trailing slash.
 *
 * People paste what documentation shows: `<https://api.aimlapi.com/v1>`, a trailing slash, `/v1` twice, or no path at all.
 * The last becomes `/v1`, where OpenAI-compatible providers serve (api.aimlapi.com answers with and without it).
 */
export function readBaseUrl (written: unknown): string {
  const trimmed = String(written).trim().replace(/^<(.*)>$/, '$1')
  if (trimmed === demo) return demo
  const url = URL.parse(trimmed)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Unreadable('must be an http:// or https:// URL, or the word demo')
  if (url.username !== '' || url.password !== '') throw new Unreadable('must not hold a user or password; put the key under keys')
  if (url.search !== '' || url.hash !== '') throw new Unreadable('must not hold a query or a fragment')
  return url.origin + tidyPath(url.pathname)
}

function tidyPath (pathname: string): string {
  const tidy = pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '').replace(/(\/v1)+$/, '/v1')
  return tidy === '' ? '/v1' : tidy
}
