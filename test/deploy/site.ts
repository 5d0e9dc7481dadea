import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { mintKey } from '../../src/keys/key.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import type { GatewayProcess } from '../helpers/gateway-process.ts'
import { freePort } from '../helpers/ports.ts'
import { startRedis } from '../helpers/redis.ts'
import { scrape } from '../helpers/scrape.ts'
import { until } from '../helpers/until.ts'
import { startHaproxy } from './balancers.ts'
import type { Server, Teardown } from './balancers.ts'
import { root } from './files.ts'

const yaml = `
# Longer than HAProxy takes to notice: two checks a second apart.
drain: { delay: 4s, deadline: 30s }
# Everything runs on one machine, on which others may be at work, too.
overload: { max_loop_delay: 1s }
`

/** Two replicas over one Redis, behind HAProxy as `deploy/` has it, with the demo provider upstream; all of it on this machine. */
export interface Site {
  /** HAProxy's. */
  readonly url: string
  readonly key: string
  readonly replicas: readonly Replica[]
}

/** One of them, which can be stopped and started again under the same address. */
export class Replica {
  readonly #t: Teardown
  readonly #server: Server
  readonly #env: Readonly<Record<string, string>>
  #gateway: GatewayProcess | null = null

  constructor (t: Teardown, server: Server, env: Readonly<Record<string, string>>) {
    this.#t = t
    this.#server = server
    this.#env = env
  }

  async start (): Promise<void> {
    const { port, operatorPort } = this.#server
    const { gateway } = await startGatewayProcess(this.#t, {
      yaml,
      env: { ...this.#env, TOLLGATE_LISTEN: `127.0.0.1:${port}`, TOLLGATE_OPERATOR_LISTEN: `127.0.0.1:${operatorPort}` }
    })
    this.#gateway = gateway
    await until(async () => await fetch(`http://127.0.0.1:${operatorPort}/readyz`).then(({ ok }) => ok, () => false))
  }

  /** Requests since its start that did not get the answer they came for. */
  async failed (): Promise<number> {
    const { samples } = await scrape(`http://127.0.0.1:${this.#server.operatorPort}`)
    return samples.filter(({ name, labels }) => name === 'tollgate_requests_total' && labels['status'] !== '2xx').reduce((sum, { value }) => sum + value, 0)
  }

  /** Ends it with a signal. Resolves to its exit code. */
  async end (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#gateway?.child.kill(signal)
    return await this.#gateway?.exited ?? null
  }
}

export async function startSite (t: Teardown): Promise<Site> {
  const key = mintKey().token
  const redis = await startRedis(t, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction')
  const env = { TOLLGATE_STORE: redis.address, TOLLGATE_BOOTSTRAP_KEY: key, AIMLAPI_API_KEY: 'upstream-key', AIMLAPI_BASE_URL: await startDemoProcess(t) }
  const servers = [{ port: await freePort(), operatorPort: await freePort() }, { port: await freePort(), operatorPort: await freePort() }]
  const replicas = servers.map(server => new Replica(t, server, env))
  await Promise.all(replicas.map(async replica => { await replica.start() }))
  return { url: await startHaproxy(t, servers), key, replicas }
}

/** A word every 50 ms: its streams of 20 words last a second. */
async function startDemoProcess (t: Teardown): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', `${root}src/upstream/demo/main.ts`, '--word-delay', '50', '--remember', '1'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line') as [string]
  return (JSON.parse(line) as { readonly url: string }).url
}
