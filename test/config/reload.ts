import type { Test } from 'tap'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import type { LogLine, RunningProcess } from '../helpers/gateway-process.ts'
import { until } from '../helpers/until.ts'

/** A gateway that follows a file. */
export interface Follower extends RunningProcess {
  /** Waits until it has read the file once more than before, and returns what it logged. */
  readonly reloaded: () => Promise<LogLine>
  readonly teams: () => Promise<string[]>
}

export async function follow (t: Test, file: string): Promise<Follower> {
  const running = await startGatewayProcess(t, { env: { TOLLGATE_CONFIG: file } })
  const { gateway, operatorUrl } = running
  let seen = 0
  return {
    ...running,
    async reloaded () {
      await until(() => reloads().length > seen)
      seen += 1
      return reloads().at(-1) ?? {}
    },
    async teams () {
      const response = await fetch(`${operatorUrl}/v1/organization/projects`, { headers: { authorization: `Bearer ${gateway.adminKey}` } })
      const { data } = await response.json() as { readonly data: ReadonlyArray<{ readonly name: string }> }
      return data.map(({ name }) => name).filter(name => name !== 'default').sort()
    }
  }

  function reloads (): LogLine[] {
    return gateway.lines.map(line => JSON.parse(line) as LogLine).filter(({ msg }) => String(msg).startsWith('configuration '))
  }
}

export const teams = (...names: readonly string[]): string => `projects:\n${names.map(name => `  ${name}: {}\n`).join('')}`
