import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { Decoder } from './decode.ts'
import { derive } from './derive.ts'
import { withEnvironment, type Environment } from './environment.ts'
import { ConfigError, printPath, type Fault } from './fault.ts'
import { checkTogether } from './references.ts'
import { ConfigSchema, type Config, type Settings } from './schema.ts'
import { settingOf } from './setting.ts'
import { noFile, readSource, type Source } from './source.ts'

export { ConfigError } from './fault.ts'

export interface LoadOptions {
  readonly env: Environment
  /** The file of `--config`; else `TOLLGATE_CONFIG`, else `./tollgate.yaml` if it exists. */
  readonly file?: string
  /** Where relative paths start. Default: the working directory. */
  readonly cwd?: string
}

/**
 * Puts file, environment and defaults together.
 *
 * @returns the settings, complete and deeply frozen
 * @throws ConfigError with every fault at once
 */
export async function loadConfig ({ env, file, cwd = '.' }: LoadOptions): Promise<Config> {
  const source = await findSource(file ?? env['TOLLGATE_CONFIG'], cwd)
  const { values, variables } = withEnvironment(source.values, settingOf(ConfigSchema), env)
  const decoder = new Decoder({ env, cwd })
  const settings = derive(decoder.decode(settingOf(ConfigSchema), values, []) as Settings)
  const faults = [...decoder.faults, ...checkTogether(settings)].map((fault) => printFault(fault, source, variables))
  if (source.faults.length + faults.length > 0) throw new ConfigError([...source.faults, ...faults])
  return deepFreeze(settings)
}

async function findSource (named: string | undefined, cwd: string): Promise<Source> {
  const path = resolve(cwd, named || 'tollgate.yaml')
  if (!named && !existsSync(path)) return noFile
  return await readSource(path, nameOf(path, cwd))
}

/** Short where the file is below the working directory, complete elsewhere. */
function nameOf (path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short.startsWith('..') ? path : short
}

function printFault (fault: Fault, source: Source, variables: ReadonlyMap<string, string>): string {
  const path = printPath(fault.path)
  const variable = variables.get(path)
  if (variable !== undefined) return `env ${variable}: ${fault.message}`
  return `${source.locate(fault)} ${path === '' ? '' : `${path}: `}${fault.message}`
}

function deepFreeze<T> (value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
