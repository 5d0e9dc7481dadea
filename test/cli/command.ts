import type { Test } from 'tap'
import type { TestGateway } from '../helpers/gateway.ts'
import { cliArgs, startProcess } from '../helpers/process.ts'

/** A command that has ended. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs `tollgate …` to its end. */
export async function tollgate (t: Test, args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string): Promise<Ended> {
  const child = startProcess(t, process.execPath, [...cliArgs, ...args], env, cwd)
  const code = await child.exit()
  return { code, output: child.output }
}

/** Runs `tollgate …` against a gateway, and takes nothing but success. */
export async function operate (t: Test, gateway: TestGateway, ...args: readonly string[]): Promise<string> {
  const { code, output } = await tollgate(t, args, environmentOf(gateway))
  t.equal(code, 0, output)
  return output
}

export function environmentOf ({ operatorUrl, adminKey }: TestGateway): Record<string, string> {
  return { TOLLGATE_ADMIN_URL: operatorUrl, TOLLGATE_ADMIN_KEY: adminKey }
}
