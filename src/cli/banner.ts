import type { Bootstrapped } from '../bootstrap.ts'
import type { Served } from '../cluster/topics.ts'

/** What a person sees at the start: where it runs, the first key (this once), and two ways to try it. */
export function banner ({ publicUrl, operatorUrl, demo }: Served, bootstrapped: Bootstrapped, startedInMs: number): string {
  const baseUrl = `${publicUrl}/v1`
  const key = bootstrapped.key ?? '$TOLLGATE_KEY'
  const lines = [
    `tollgate  ready in ${(startedInMs / 1000).toFixed(1)} s${demo ? '  (demo upstream: set AIMLAPI_API_KEY for real models)' : ''}`,
    '',
    `  API       ${baseUrl}`,
    `  Operator  ${operatorUrl}`
  ]
  if (bootstrapped.key !== null) lines.push(`  Key       ${bootstrapped.key}   (shown once)`)
  if (bootstrapped.adminKey !== null) lines.push(`  Admin     ${bootstrapped.adminKey}   (shown once)`)
  lines.push(
    '',
    `  curl ${baseUrl}/chat/completions -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d '{"model":"gpt-4o","messages":[{"role":"user","content":"Hello"}]}'`,
    `  new OpenAI({ baseURL: '${baseUrl}', apiKey: '${key}' })`,
    ''
  )
  return `${lines.join('\n')}\n`
}
