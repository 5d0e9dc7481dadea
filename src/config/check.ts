import { stringify } from 'yaml'
import { assemble, printFault, type Assembly, type LoadOptions } from './assemble.ts'
import { didYouMean } from './decode.ts'
import type { Environment } from './environment.ts'
import { ConfigError, type Fault } from './fault.ts'
import { mapLeaves } from './leaves.ts'
import { renderConfig } from './render.ts'
import { configSetting } from './schema.ts'
import { isReference } from './secret.ts'
import { isSecret, type Setting } from './setting.ts'

/** What `tollgate check` prints. It holds no secret. */
export interface ConfigReport {
  readonly ok: boolean
  readonly lines: readonly string[]
}

/** Reads the configuration as a start would, and tells its faults; without faults, what deserves a second look and what is in effect. */
export async function checkConfig (options: LoadOptions): Promise<ConfigReport> {
  try {
    const assembly = await assemble(options)
    if (assembly.faults.length > 0) return { ok: false, lines: assembly.faults }
    return { ok: true, lines: [...warnings(assembly, options.env), ...effective(assembly)] }
  } catch (error) {
    if (error instanceof ConfigError) return { ok: false, lines: error.faults }
    throw error
  }
}

function effective ({ source, settings }: Assembly): string[] {
  return [`# ${source.name}, the environment and the defaults, together:`, ...stringify(renderConfig(settings)).trimEnd().split('\n')]
}

function warnings ({ source, settings }: Assembly, env: Environment): string[] {
  const found = literalSecrets(source.values).map((fault) => `warning: ${printFault(source, fault)}`)
  if (settings.store.startsWith('redis') && settings.pepper === undefined) {
    found.push('warning: pepper is not set: with a shared store, every replica needs the same one')
  }
  if (env['AIMLAPI_BASE_URL'] && !env['AIMLAPI_API_KEY'] && 'demo' in settings.upstreams) {
    found.push('warning: AIMLAPI_BASE_URL has no effect without AIMLAPI_API_KEY')
  }
  return [...found, ...unknownVariables(env)]
}

function unknownVariables (env: Environment): string[] {
  const known = ['TOLLGATE_CONFIG', 'TOLLGATE_ADMIN_URL', ...Object.values(configSetting.properties ?? {}).flatMap((setting) => setting.env ?? [])]
  return Object.keys(env)
    .filter((name) => name.startsWith('TOLLGATE_') && !known.includes(name))
    .map((name) => `warning: env ${name}: no such setting${didYouMean(name, known)}`)
}

function literalSecrets (values: unknown): Fault[] {
  const faults: Fault[] = []
  mapLeaves(configSetting, values, (setting, value, path) => {
    if (!isLiteralSecret(setting, value)) return
    faults.push({ path, message: 'a secret stands in the file; write ${VARIABLE} or file:/path instead' })
  })
  return faults
}

/** Fixed headers are masked, because some are secret; most are not. */
function isLiteralSecret (setting: Setting, written: unknown): boolean {
  if (typeof written !== 'string' || isReference(written)) return false
  if (setting.notation === 'store') return /\/\/[^/]*:[^/]*@/.test(written)
  return isSecret(setting) && setting.notation !== 'header'
}
