import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/schema.ts'
import { connectRedis } from '../../stores/redis/client.ts'
import type { RedisClient } from '../../stores/redis/client.ts'
import { printBytes } from './bytes.ts'
import { fail, ok, reasonOf, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** ms */
const deadline = 5000
/** Limits and leases use the server's clock; logs and expiries this machine's. */
const largestSkewMs = 1000
/** Above this share of its memory Redis is as good as full: answers and open requests come and go. */
const fullShare = 0.8

/** The store, and the answers' where it is another. */
export async function checkStores ({ store, answers_store: answersStore }: Config): Promise<Finding[]> {
  const first = store.startsWith('redis') ? await checkRedis('store', store, true) : [ok('store', store)]
  if (answersStore === store) return first
  const second = answersStore.startsWith('redis') ? await checkRedis('answers_store', answersStore, false) : [ok('answers_store', answersStore)]
  return [...first, ...second]
}

/** @param precious money and keys live there: nothing may be evicted or lost */
async function checkRedis (check: string, address: string, precious: boolean): Promise<Finding[]> {
  let reason = 'no answer'
  const client = connectRedis(address, { name: 'tollgate-doctor', commandTimeout: deadline, onError: error => { reason = reasonOf(error) } })
  try {
    if (!await ready(client)) return [fail(check, `Redis cannot be reached (${reason})`, `check ${check}: host, port, password, TLS (rediss://)`)]
    const info = readInfo(await client.info())
    return [
      ok(check, `Redis ${info.get('redis_version') ?? '?'} answers`),
      await checkScripts(check, client),
      await checkClock(check, client),
      ...(precious ? [checkPersistence(check, info, await syncPolicy(client)), checkEviction(check, info), checkMemory(check, info)] : [])
    ]
  } catch (error) {
    return [fail(check, `Redis refuses a command (${reasonOf(error)})`, 'let the user run EVALSHA, INFO and TIME')]
  } finally {
    client.disconnect()
  }
}

async function ready (client: RedisClient): Promise<boolean> {
  const timeout = new AbortController()
  const isReady = new Promise<boolean>(resolve => { client.once('ready', () => { resolve(true) }) })
  try {
    return await Promise.race([isReady, sleep(deadline, false, { signal: timeout.signal })])
  } finally {
    timeout.abort()
  }
}

async function checkScripts (check: string, client: RedisClient): Promise<Finding> {
  const answer = await client.eval('return 1', 0)
  return answer === 1 ? ok(`${check} scripts`, 'Lua runs') : fail(`${check} scripts`, 'Lua does not run', 'use a Redis that runs scripts')
}

async function checkClock (check: string, client: RedisClient): Promise<Finding> {
  const before = Date.now()
  const [seconds = 0, micros = 0] = (await client.time()).map(Number)
  const middle = (before + Date.now()) / 2
  const skew = Math.round(Math.abs(seconds * 1000 + micros / 1000 - middle))
  if (skew <= largestSkewMs) return ok(`${check} clock`, `differs by ${skew} ms`)
  return warn(`${check} clock`, `differs by ${skew} ms`, 'run NTP on both machines')
}

/** How often the append-only file is synced; managed services do not tell. */
async function syncPolicy (client: RedisClient): Promise<string | null> {
  try {
    const [, policy = null] = await client.config('GET', 'appendfsync') as string[]
    return policy
  } catch {
    return null
  }
}

/** @param sync `appendfsync`, or null where it is not known */
export function checkPersistence (check: string, info: ReadonlyMap<string, string>, sync: string | null): Finding {
  const name = `${check} persistence`
  const snapshot = `last snapshot ${printAge(Number(info.get('rdb_last_save_time')))} and ${info.get('rdb_changes_since_last_save') ?? '?'} changes ago`
  if (info.get('rdb_last_bgsave_status') === 'err') return fail(name, `snapshots fail (${snapshot}): Redis may refuse writes`, 'free the disk and the memory of Redis, and see its log')
  if (info.get('aof_enabled') !== '1') return warn(name, `without AOF: what happened since the last snapshot is lost with the server (${snapshot})`, 'set appendonly yes (appendfsync everysec)')
  if (info.get('aof_last_write_status') !== 'ok') return fail(name, 'AOF cannot be written', 'free the disk of Redis')
  if (info.get('aof_last_bgrewrite_status') === 'err') return warn(name, 'AOF is written, but not rewritten: it grows', 'free the disk and the memory of Redis, and see its log')
  if (sync === 'no') return warn(name, 'AOF is synced when the system likes: a loss of power takes up to half a minute', 'set appendfsync everysec')
  return ok(name, `AOF${sync === null ? '' : `, synced ${sync}`}; ${snapshot}`)
}

/** What may be kept there. A Redis that is full refuses requests; one without a bound is killed by the system. */
export function checkMemory (check: string, info: ReadonlyMap<string, string>): Finding {
  const [used, most] = [Number(info.get('used_memory') ?? 0), Number(info.get('maxmemory') ?? 0)]
  if (most === 0) return warn(`${check} memory`, `${printBytes(used)} used, without a bound: the system ends a Redis that takes too much`, 'set maxmemory to what the machine can spare')
  const message = `${printBytes(used)} used of ${printBytes(most)}`
  return used > most * fullShare ? warn(`${check} memory`, message, 'raise maxmemory, or archive the ledger: tollgate ledger archive <folder> --trim') : ok(`${check} memory`, message)
}

function printAge (unixSeconds: number): string {
  const minutes = Math.max(0, Math.round((Date.now() / 1000 - unixSeconds) / 60))
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

export function checkEviction (check: string, info: ReadonlyMap<string, string>): Finding {
  const policy = info.get('maxmemory_policy') ?? 'noeviction'
  if (policy === 'noeviction' || info.get('maxmemory') === '0') return ok(`${check} eviction`, policy)
  return fail(`${check} eviction`, `${policy}: keys, limits and spend may vanish`, 'set maxmemory-policy noeviction; give stored answers an answers_store of their own')
}

export function readInfo (text: string): ReadonlyMap<string, string> {
  return new Map(text.split('\r\n').flatMap(line => {
    const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [[name, value ?? ''] as const]
  }))
}
