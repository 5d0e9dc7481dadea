import { isMap, type Values } from './decode.ts'
import { demo } from './base-url.ts'
import { printPath, type Path } from './fault.ts'
import type { Setting } from './setting.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Settings as written, and which of them the environment wrote. */
export interface Written {
  readonly values: Values
  /** Printed path → variable. */
  readonly variables: ReadonlyMap<string, string>
}

const aimlapi = 'https://api.aimlapi.com/v1'

/** Lays the environment over the file: where both state a setting, the environment wins. An empty variable counts as absent, but for secrets. */
export function withEnvironment (file: Values, schema: Setting, env: Environment): Written {
  const values = { ...file }
  const variables = new Map<string, string>()
  for (const [key, setting] of Object.entries(schema.properties ?? {})) {
    const value = setting.env === undefined ? undefined : env[setting.env]
    if (setting.env === undefined || value === undefined || (value === '' && setting.notation !== 'pepper')) continue
    values[key] = value
    variables.set(key, setting.env)
  }
  if (namesUpstreams(file)) return { values, variables }
  values['upstreams'] = upstreamOf(env, variables)
  return { values, variables }
}

const namesUpstreams = ({ upstreams }: Values): boolean =>
  isMap(upstreams) ? Object.keys(upstreams).length > 0 : upstreams !== undefined && upstreams !== null

function upstreamOf (env: Environment, variables: Map<string, string>): Values {
  const key = env['AIMLAPI_API_KEY']
  if (key === undefined || key === '') return { demo: { base_url: demo } }
  const place: Path = ['upstreams', 'aimlapi']
  variables.set(printPath([...place, 'base_url']), 'AIMLAPI_BASE_URL')
  variables.set(printPath([...place, 'keys', 0, 'value']), 'AIMLAPI_API_KEY')
  return { aimlapi: { base_url: env['AIMLAPI_BASE_URL'] || aimlapi, keys: [{ value: key }] } }
}
