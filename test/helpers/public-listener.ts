import type { FastifyInstance } from 'fastify'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { bootstrap } from '../../src/bootstrap.ts'
import { loadConfig } from '../../src/config/load.ts'
import { mintKey } from '../../src/keys/key.ts'
import type { ClientTimeouts } from '../../src/listener.ts'
import { openReproducible } from '../../src/reproducible.ts'
import { createServices } from '../../src/services.ts'
import { requestLogger } from '../../src/telemetry/log-line.ts'
import type { Directory, ProjectPatch, RateLimit } from '../../src/stores/directory.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { openDirectory, openLedger } from '../../src/stores/open.ts'
import { noteLine, notePrompts, noteSecrets } from './test-logs.ts'

export interface PublicListenerOptions {
  /** Base URL of the only upstream. */
  readonly upstream: string
  /** The text of a tollgate.yaml. */
  readonly yaml?: string
  /** A key of the project `default`, instead of a new one. */
  readonly key?: string
  readonly timeouts?: ClientTimeouts
  /** Nothing is logged: for tests that send very many requests. */
  readonly quiet?: boolean
  /** Where the directory is; in memory when not given. */
  readonly store?: string
  /** Where usage is kept; a file of its own when not given. Ended by whoever made it. */
  readonly ledger?: Ledger
  /** Stands between the listener and its directory. */
  readonly through?: (directory: Directory) => Directory
}

export interface PublicListener {
  readonly app: FastifyInstance
  readonly url: string
  /** A key of the project `default`. */
  readonly key: string
  /** The directory itself. */
  readonly directory: Directory
  readonly ledger: Ledger
  /** A call with the key, and JSON when there is a body. */
  readonly post: (path: string, body: unknown, signal?: AbortSignal) => Promise<Response>
  /** What was logged, at every level. */
  readonly log: readonly string[]
}

export const pepper = 'a pepper for tests only'

/** The public listener alone, over a directory in memory, for tests that reach into it. */
export async function startPublicListener (t: Test, options: PublicListenerOptions): Promise<PublicListener> {
  const { upstream, yaml = '', key = mintKey().token, timeouts, quiet = false, store = 'sqlite::memory:', through = directory => directory } = options
  const cwd = t.testdir({ 'tollgate.yaml': yaml })
  const loaded = await loadConfig({ env: { AIMLAPI_BASE_URL: upstream, AIMLAPI_API_KEY: 'upstream-key' }, cwd })
  // A busy machine must not shed a test's requests.
  const config = { ...loaded, overload: { ...loaded.overload, max_loop_delay: 3_600_000 } }
  const directory = await openDirectory(store)
  await bootstrap(directory, pepper, { bootstrap_key: key })
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-test-'))
  const ledger = options.ledger ?? await openLedger(`sqlite:${join(folder, 'tollgate.db')}`, { timeZone: 'UTC', durability: 'process', folder, onEvent: () => {} })
  const log: string[] = []
  const write = (line: string): void => {
    log.push(line)
    noteLine(line)
  }
  const logger = pino({ level: quiet ? 'silent' : 'trace', base: null }, { write })
  noteSecrets([key, pepper, 'upstream-key'])
  const reproducible = await openReproducible({ ...config, answers_store: `sqlite:${join(folder, 'tollgate.db')}` }, pepper, logger)
  const services = createServices(config, { logger, logRequest: requestLogger(logger, write), directory: through(directory), ledger, reproducible, pepper, demoUrl: null })
  const app = await buildApp(config, services, timeouts)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    app.server.closeAllConnections()
    await app.close()
    await services.gateway.close()
    await reproducible.answers.close()
    if (options.ledger === undefined) await ledger.close()
    await directory.close()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    app,
    url,
    key,
    directory,
    ledger,
    log,
    post: async (path, body, signal) => {
      notePrompts(body)
      return await fetch(`${url}/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal })
      })
    }
  }
}

/** Changes the project `default`, as an administrator does. */
export async function setProject ({ directory }: Pick<PublicListener, 'directory'>, patch: ProjectPatch): Promise<void> {
  await directory.projects.update('proj_default', () => patch, { type: 'system', id: null, address: null })
}

/** A limit for every model, with nothing limited but what is given. */
export function rateLimit (limit: Partial<RateLimit>): RateLimit {
  return { model: '*', requestsPerMinute: null, tokensPerMinute: null, requestsPerDay: null, concurrency: null, shadow: false, ...limit }
}
