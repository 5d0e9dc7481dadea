import type { ModelPermissions, RateLimit } from './objects.ts'

/** Whether a project may use a model. Null: every model. */
export function mayUseModel (permissions: ModelPermissions | null, model: string): boolean {
  if (permissions === null) return true
  const isListed = permissions.modelIds.some(pattern => matches(pattern, model))
  return isListed === (permissions.mode === 'allow_list')
}

/** The limits that hold for a model: its own, or else those of `*`, or else none. */
export function rateLimitFor (rateLimits: readonly RateLimit[], model: string): RateLimit | null {
  return rateLimits.find(limit => limit.model === model) ?? rateLimits.find(limit => limit.model === '*') ?? null
}

/** `*` stands for any text. Not a regular expression, whose time could explode with the pattern. */
function matches (pattern: string, model: string): boolean {
  if (!pattern.includes('*')) return pattern === model
  const [start = '', ...parts] = pattern.split('*')
  const end = parts.pop() ?? ''
  let from = model.startsWith(start) ? start.length : -1
  for (const part of parts) {
    if (from === -1) return false
    const at = model.indexOf(part, from)
    from = at === -1 ? -1 : at + part.length
  }
  return from !== -1 && model.length - end.length >= from && model.endsWith(end)
}
