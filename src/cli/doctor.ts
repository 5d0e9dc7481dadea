import { checkConfig } from '../config/check.ts'
import { loadConfig } from '../config/load.ts'
import { fail, ok, warn } from './doctor/finding.ts'
import type { Finding } from './doctor/finding.ts'
import { checkLedger } from './doctor/ledger.ts'
import { checkListeners } from './doctor/listeners.ts'
import { checkDisk, checkMachine } from './doctor/machine.ts'
import { checkStores } from './doctor/redis.ts'
import { checkUpstreams } from './doctor/upstreams.ts'
import { printJson } from './print.ts'

export interface DoctorOptions {
  readonly config?: string
  readonly json?: boolean
}

/** `tollgate doctor`: everything that a start depends on, one line each, with what to do. Exit code 1 when something fails. */
export async function doctor ({ config: file, json }: DoctorOptions): Promise<void> {
  const findings = await examine(file)
  if (json === true) printJson(findings)
  else process.stdout.write(findings.map(printFinding).join(''))
  if (findings.some(({ level }) => level === 'fail')) process.exitCode = 1
}

async function examine (file: string | undefined): Promise<Finding[]> {
  const options = { env: process.env, file }
  const { ok: isValid, lines } = await checkConfig(options)
  if (!isValid) return lines.map(line => fail('configuration', line, 'correct the line; docs/configuration.md has every setting'))
  const warnings = lines.filter(line => line.startsWith('warning: ')).map(line => warn('configuration', line.slice('warning: '.length), 'see docs/configuration.md'))
  const config = await loadConfig(options)
  const parts = await Promise.all([checkStores(config), checkLedger(config), checkListeners(config), checkDisk(config), checkUpstreams(config)])
  return [...checkMachine(config.overload.max_in_flight), ok('configuration', 'no faults'), ...warnings, ...parts.flat()]
}

function printFinding ({ check, level, message, fix }: Finding): string {
  return `${level.padEnd(4)}  ${check}: ${message}${fix === null ? '' : ` → ${fix}`}\n`
}
