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

/** Lays the environment over the file: where both state a setting, the environment wins. */
export function withEnvironment (file: Values, schema: Setting, env: Environment): Written {
  const variables = new Map<string, string>()
  const values = overlay(file, schema, [], (path, { env: name = '', notation }) => {
    const value = env[name]
    // An empty pepper would silently become another one on each replica.
    if (value === undefined || (value === '' && notation !== 'pepper')) return undefined
    variables.set(printPath(path), name)
    return value
  }) as Values
  if (!namesUpstreams(file)) values['upstreams'] = upstreamOf(env, variables)
  return { values, variables }
}

function overlay (written: unknown, setting: Setting, path: Path, variableOf: (path: Path, setting: Setting) => string | undefined): unknown {
  if (setting.properties === undefined) return variableOf(path, setting) ?? written
  if (!isMap(written ?? {})) return written
  const section: Values = { ...(written as Values) }
  for (const [key, property] of Object.entries(setting.properties)) {
    section[key] = overlay(section[key], property, [...path, key], variableOf)
  }
  return section
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
