import { checkConfig } from '../config/check.ts'

/** `tollgate check`: every fault with its line, or the settings in effect without their secrets. Exit code 1 on faults. */
export async function check (options: { readonly config?: string }): Promise<void> {
  const { ok, lines } = await checkConfig({ env: process.env, ...(options.config === undefined ? {} : { file: options.config }) })
  for (const line of lines) process.stdout.write(`${line}\n`)
  if (!ok) process.exitCode = 1
}
