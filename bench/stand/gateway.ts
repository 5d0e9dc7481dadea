import { truncateSync, writeFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { bootstrap } from '../../src/bootstrap.ts'
import { digestKey, mintKey, redactKey } from '../../src/keys/key.ts'
import type { Actor, Directory, RateLimit } from '../../src/stores/directory.ts'
import { openDirectory } from '../../src/stores/open.ts'
import type { Behaviour } from './nginx.ts'
import type { Health, Question } from './probe.ts'
import { BenchProcess } from './process.ts'

export type StoreName = 'sqlite' | 'redis'

/** For `preloads`: the gateway answers questions about its event loop. */
export const healthProbe = 'probe.ts'
/** For `preloads`: the gateway without limits and metering. */
export const withoutLedger = 'without-ledger.ts'

/** How a gateway of the stand differs from one that `npm start` starts. */
export interface Difference {
  /** The command line that is run: src/cli.ts, or another version's; when it is not to be this one, compiled. */
  readonly program?: string
  /** Where its files are, when it is not to have a new folder. */
  readonly folder?: string
  /** `sqlite:PATH`, when it is not to have a new store. */
  readonly store?: string
  /** Processes that answer, when it is to be more than one. */
  readonly workers?: number
  /** Arguments for Node, before the program's own. */
  readonly nodeArgs?: readonly string[]
  /** Modules that are loaded before the program: files of bench/stand. */
  readonly preloads?: readonly string[]
}

export interface GatewayOptions extends Difference {
  readonly kind: StoreName
  readonly program: string
  readonly folder: string
  readonly core: number
  /** `sqlite:PATH` or `redis://…` */
  readonly store: string
  readonly providers: ReadonlyMap<Behaviour, number>
}

export interface Gateway {
  readonly store: StoreName
  readonly address: string
  readonly folder: string
  readonly process: BenchProcess
  /** How its event loop does. Only of gateways with `healthProbe`. */
  readonly probe: (question: Question) => Promise<Health | null>
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

/** As the image has it: jemalloc, whose own thread gives back to the system what has not been needed for a second. */
export const mallocOfTheImage = { LD_PRELOAD: 'libjemalloc.so.2', MALLOC_CONF: 'background_thread:true,dirty_decay_ms:1000' }

/** Where the limits are never reached: the project of `key`. */
export const wideProject = 'proj_wide'

const bench: Actor = { type: 'command_line', id: 'bench', address: null }
const pepper = 'a pepper for the bench only'
/** Every kind of limit, each beyond what a machine can reach. */
const wide: RateLimit = { model: '*', requestsPerMinute: 1e9, tokensPerMinute: 1e12, requestsPerDay: 1e11, concurrency: 1e6, shadow: false }
const tight: RateLimit = { ...wide, requestsPerDay: 1 }
const wideSpend = { amountNanoUsd: 1e15, shadow: false }

/** Starts a gateway, with the whole chain on, and returns when it listens. */
export async function startGateway (options: GatewayOptions): Promise<Gateway> {
  mkdirSync(options.folder, { recursive: true })
  const keys = await seed(options.store)
  const file = join(options.folder, 'tollgate.yaml')
  writeFileSync(file, stringify(configuration(options)))
  const process_ = new BenchProcess({
    command: process.execPath,
    args: [...options.nodeArgs ?? [], ...(options.preloads ?? []).flatMap(file => ['--import', resolve('bench/stand', file)]), '--disable-warning=ExperimentalWarning', options.program, 'serve', '--config', file],
    core: options.core,
    log: join(options.folder, 'gateway.log'),
    asked: options.preloads?.includes(healthProbe) ?? false,
    env: { ...mallocOfTheImage, LOG_LEVEL: 'info', TOLLGATE_DATA_DIR: options.folder, TOLLGATE_PEPPER: pepper, TOLLGATE_STORE: options.store }
  })
  const urls = await process_.until(() => listening(readFileSync(process_.log, 'utf8')))
  return {
    store: options.kind,
    address: options.store,
    folder: options.folder,
    process: process_,
    probe: async question => await process_.ask(question),
    ...urls,
    ...keys,
    forgetLog: () => { truncateSync(process_.log) }
  }
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
    // A machine that others are busy on is late, and is not to be refused for it.
    overload: { max_loop_delay: '60s' },
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
