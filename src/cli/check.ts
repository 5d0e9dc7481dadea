import { checkConfig } from '../config/check.ts'
import { loadConfig } from '../config/load.ts'
import { differences } from './check-diff.ts'

export interface CheckOptions {
  readonly config?: string
  readonly diff?: boolean
}

/** `tollgate check`: every fault with its line, or the settings in effect without their secrets. Exit code 1 on faults. */
export async function check ({ config: file, diff }: CheckOptions): Promise<void> {
  const options = { env: process.env, file }
  const { ok, lines } = await checkConfig(options)
  const shown = ok && diff === true ? [...lines.filter(isWarning), ...await differences(await loadConfig(options))] : lines
  for (const line of shown) process.stdout.write(`${line}\n`)
  if (!ok) process.exitCode = 1
}

function isWarning (line: string): boolean {
  return line.startsWith('warning: ')
}
