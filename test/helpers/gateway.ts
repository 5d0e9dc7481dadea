import type { Test } from 'tap'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { mintAdminKey, mintKey } from '../../src/keys/key.ts'
import { startServer } from '../../src/server.ts'
import type { RunningServer } from '../../src/server.ts'
import { collecting, noteLine, notePrompts, noteSecrets } from './test-logs.ts'

export interface GatewayOptions {
  /** Base URL of the only upstream. Without it, the built-in demo answers. */
  readonly upstream?: string
  /** The upstream's key. */
  readonly upstreamKey?: string
  /** The text of a tollgate.yaml. */
  readonly yaml?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface TestGateway {
  readonly server: RunningServer
  /** `http://127.0.0.1:port/v1` */
  readonly baseUrl: string
  readonly publicUrl: string
  readonly operatorUrl: string
  /** An inference key of the project `default`. */
  readonly key: string
  readonly adminKey: string
  /** With the key, and JSON when there is a body. */
  readonly fetch: (path: string, init?: { method?: string, body?: unknown, headers?: Record<string, string>, signal?: AbortSignal }) => Promise<Response>
}

type Teardown = Pick<Test, 'teardown'>

/** A whole gateway on free ports with a store of its own, closed with the test. */
export async function startGateway (t: Teardown, options: GatewayOptions = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-test-'))
  const key = mintKey().token
  const adminKey = mintAdminKey().token
  if (options.yaml !== undefined) await writeFile(join(folder, 'tollgate.yaml'), options.yaml)
  const env = environment(folder, key, adminKey, options)
  noteSecrets([key, adminKey, env['TOLLGATE_PEPPER'], env['TOLLGATE_ADMIN_KEY'], env['AIMLAPI_API_KEY']])
  const config = patient(await loadConfig({ env, cwd: folder }), options)
  const server = await startServer(config, { ...(collecting && { logOutput: { write: noteLine, flushSync: () => {} } }) })
  t.teardown(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    server,
    baseUrl: server.baseUrl,
    publicUrl: server.publicUrl,
    operatorUrl: server.operatorUrl,
    key,
    adminKey,
    fetch: async (path, { method, body, headers, signal } = {}) => {
      notePrompts(body)
      return await fetch(server.baseUrl + path, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal })
      })
    }
  }
}

/** A busy machine must not shed a test's requests, unless that is what the test is about. */
function patient (config: Config, { yaml = '' }: GatewayOptions): Config {
  return yaml.includes('overload') ? config : { ...config, overload: { ...config.overload, max_loop_delay: 3_600_000 } }
}

function environment (folder: string, key: string, adminKey: string, options: GatewayOptions): Record<string, string> {
  return {
    TOLLGATE_LISTEN: '127.0.0.1:0',
    TOLLGATE_OPERATOR_LISTEN: '127.0.0.1:0',
    TOLLGATE_DATA_DIR: folder,
    TOLLGATE_BOOTSTRAP_KEY: key,
    TOLLGATE_ADMIN_KEY: adminKey,
    TOLLGATE_PEPPER: 'a pepper for tests only',
    LOG_LEVEL: collecting ? 'trace' : 'silent',
    ...(options.upstream === undefined ? {} : { AIMLAPI_BASE_URL: options.upstream, AIMLAPI_API_KEY: options.upstreamKey ?? 'upstream-key' }),
    ...options.env
  }
}
