import { truncateSync, writeFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { bootstrap } from '../../src/bootstrap.ts'
import { digestKey, mintKey, redactKey } from '../../src/keys/key.ts'
import type { Actor, Directory, RateLimit } from '../../src/stores/directory.ts'
import { openDirectory } from '../../src/stores/open.ts'
import type { Behaviour } from './nginx.ts'
import { BenchProcess } from './process.ts'

export type StoreName = 'sqlite' | 'redis'

export interface GatewayOptions {
  readonly folder: string
  readonly core: number
  /** The folder with the gateway's source, when it is not this one. */
  readonly root?: string
  /** `sqlite:PATH` or `redis://…` */
  readonly store: string
  readonly providers: ReadonlyMap<Behaviour, number>
  readonly workers?: number
  /** Arguments for Node, before the program's own. */
  readonly nodeArgs?: readonly string[]
  readonly nodeEnv?: Readonly<Record<string, string>>
}

export interface Gateway {
  readonly process: BenchProcess
  readonly port: number
  readonly operatorPort: number
  /** A key whose limits are all set, and never reached. */
  readonly key: string
  /** A key that may send one request a day. */
  readonly tightKey: string
  /** Empties the log: a run writes hundreds of megabytes. */
  forgetLog (): void
}

/** The model that each behaviour is asked for by. All have a price, so that metering has its whole work. */
export const modelOf: Readonly<Record<Behaviour, string>> = {
  json: 'gpt-4o', burst: 'gpt-4.1', paced: 'gpt-4.1-mini', stamped: 'gpt-5-mini', waiting: 'gpt-5-nano'
}

const bench: Actor = { type: 'command_line', id: 'bench', address: null }
const pepper = 'a pepper for the bench only'
/** Every kind of limit, each beyond what a machine can reach. */
const wide: RateLimit = { model: '*', requestsPerMinute: 1e9, tokensPerMinute: 1e12, requestsPerDay: 1e11, concurrency: 1e6, shadow: false }
const tight: RateLimit = { ...wide, requestsPerDay: 1 }
const wideSpend = { amountNanoUsd: 1e15, shadow: false }

/** Starts a gateway from source, with the whole chain on, and returns when it listens. */
export async function startGateway (options: GatewayOptions): Promise<Gateway> {
  mkdirSync(options.folder, { recursive: true })
  const keys = await seed(options.store)
  const file = join(options.folder, 'tollgate.yaml')
  writeFileSync(file, stringify(configuration(options)))
  const process_ = new BenchProcess({
    command: process.execPath,
    args: [...options.nodeArgs ?? [], '--disable-warning=ExperimentalWarning', join(options.root ?? '.', 'src/cli.ts'), 'serve', '--config', file],
    core: options.core,
    log: join(options.folder, 'gateway.log'),
    env: { ...options.nodeEnv, LOG_LEVEL: 'info', TOLLGATE_DATA_DIR: options.folder, TOLLGATE_PEPPER: pepper, TOLLGATE_STORE: options.store }
  })
  const urls = await process_.until(() => listening(readFileSync(process_.log, 'utf8')))
  return { process: process_, ...urls, ...keys, forgetLog: () => { truncateSync(process_.log) } }
}

function configuration ({ providers, workers = 1 }: GatewayOptions): object {
  return {
    listen: '127.0.0.1:0',
    operator_listen: '127.0.0.1:0',
    workers,
    upstreams: Object.fromEntries(Array.from(providers, ([name, port]) => [name, { base_url: `http://127.0.0.1:${port}/v1`, keys: [{ value: `key-of-${name}` }] }])),
    models: Object.fromEntries(Array.from(providers.keys(), name => [modelOf[name], { upstream: name }])),
    // All requests of the bench come from one address.
    door: { max: 100_000_000 },
    drain: { delay: '0ms', deadline: '1s' }
  }
}

function listening (log: string): { port: number, operatorPort: number } | null {
  const line = log.split('\n').find(text => text.includes('"msg":"listening"'))
  if (line === undefined) return null
  const { public: publicUrl, operator } = JSON.parse(line)
  return { port: Number(new URL(publicUrl).port), operatorPort: Number(new URL(operator).port) }
}

/** Two projects, made before the start, so that they do not hang on an API. */
async function seed (store: string): Promise<{ key: string, tightKey: string }> {
  const directory = await openDirectory(store)
  try {
    await bootstrap(directory, pepper, {})
    await directory.organization.update(() => ({ spendLimit: wideSpend }), bench)
    return { key: await project(directory, 'wide', wide), tightKey: await project(directory, 'tight', tight) }
  } finally {
    await directory.close()
  }
}

async function project (directory: Directory, name: string, limits: RateLimit): Promise<string> {
  const { id, token } = mintKey()
  const projectId = `proj_${name}`
  const serviceAccountId = `svc_acct_${name}`
  await directory.projects.create({ id: projectId, name, rateLimits: [limits], spendLimit: wideSpend }, bench)
  await directory.serviceAccounts.create({ id: serviceAccountId, projectId, name }, bench)
  await directory.keys.create({ id, projectId, serviceAccountId, name, digest: digestKey(token, pepper), redacted: redactKey(token) }, bench)
  return token
}
