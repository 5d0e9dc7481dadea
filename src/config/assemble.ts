import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { Decoder } from './decode.ts'
import { derive } from './derive.ts'
import { withEnvironment, type Environment, type Written } from './environment.ts'
import { printPath, type Fault } from './fault.ts'
import { checkTogether } from './references.ts'
import { configSetting, type Settings } from './schema.ts'
import { noFile, readSource, type Source } from './source.ts'

export interface LoadOptions {
  readonly env: Environment
  /** The file of `--config`; else `TOLLGATE_CONFIG`, else `./tollgate.yaml` if it exists. */
  readonly file?: string | undefined
  /** Where relative paths start. Default: the working directory. */
  readonly cwd?: string | undefined
}

/** File, environment and defaults, put together, with every fault that was found. */
export interface Assembly {
  readonly source: Source
  /** Complete only when there are no faults. */
  readonly settings: Settings
  /** One line each: the environment's first, then the file's in its own order. */
  readonly faults: readonly string[]
}

/** @throws ConfigError when the file cannot be read */
export async function assemble ({ env, file, cwd = '.' }: LoadOptions): Promise<Assembly> {
  const source = await findSource(file ?? env['TOLLGATE_CONFIG'], cwd)
  const written = withEnvironment(source.values, configSetting, env)
  const decoder = new Decoder({ env, cwd })
  const settings = derive(decoder.decode(configSetting, written.values, []) as Settings)
  return { source, settings, faults: printFaults(source, written, [...decoder.faults, ...checkTogether(settings)]) }
}

async function findSource (named: string | undefined, cwd: string): Promise<Source> {
  const path = resolve(cwd, named || 'tollgate.yaml')
  if (!named && !existsSync(path)) return noFile
  return await readSource(path, nameOf(path, cwd))
}

/** Short where the file is below the working directory, complete elsewhere. */
function nameOf (path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') ? path : short
}

function printFaults (source: Source, { variables }: Written, faults: readonly Fault[]): string[] {
  const ofYaml = source.faults.map(({ offset, message }) => ({ offset, line: `${source.place(offset)} ${message}` }))
  const ofSettings = faults.map((fault) => {
    const variable = variables.get(printPath(fault.path))
    if (variable !== undefined) return { offset: -1, line: `env ${variable}: ${fault.message}` }
    return { offset: source.offsetOf(fault), line: printFault(source, fault) }
  })
  return [...ofYaml, ...ofSettings].sort((a, b) => a.offset - b.offset).map(({ line }) => line)
}

/** `tollgate.yaml:10:13 models.gpt: unknown key "mdoels"` */
export function printFault (source: Source, fault: Fault): string {
  const path = printPath(fault.path)
  return `${source.place(source.offsetOf(fault))} ${path === '' ? '' : `${path}: `}${fault.message}`
}
