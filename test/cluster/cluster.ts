import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import type { ProcessOptions, RunningProcess } from '../helpers/gateway-process.ts'
import { startRedis } from '../helpers/redis.ts'

/** A gateway with two workers over a Redis of its own. */
export async function startCluster (t: Test, { yaml, env = {} }: Pick<ProcessOptions, 'yaml' | 'env'> = {}): Promise<RunningProcess> {
  const redis = await startRedis(t)
  return await startGatewayProcess(t, { ...(yaml !== undefined && { yaml }), env: { ...env, TOLLGATE_STORE: redis.address }, args: ['--workers', '2'] })
}

/** The process ids of the workers. */
export function workersOf ({ gateway }: RunningProcess): number[] {
  const { pid } = gateway.child
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}

/** A request on a connection of its own, so that the next worker takes it. */
export async function post ({ gateway, publicUrl }: RunningProcess, body: unknown): Promise<Response> {
  return await fetch(`${publicUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body)
  })
}

/** Sends so many, one after the other, and tells their statuses. */
export async function statusesOf (running: RunningProcess, count: number, body: unknown): Promise<number[]> {
  const statuses: number[] = []
  for (let index = 0; index < count; index++) {
    const response = await post(running, body)
    await response.text()
    statuses.push(response.status)
  }
  return statuses
}
