import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/schema.ts'
import { connectRedis } from '../../stores/redis/client.ts'
import type { RedisClient } from '../../stores/redis/client.ts'
import { fail, ok, reasonOf, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** ms */
const deadline = 5000
/** Limits and leases use the server's clock; logs and expiries this machine's. */
const largestSkewMs = 1000

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
      ...(precious ? [checkPersistence(check, info), checkEviction(check, info)] : [])
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

export function checkPersistence (check: string, info: ReadonlyMap<string, string>): Finding {
  const name = `${check} persistence`
  if (info.get('aof_enabled') === '1') {
    return info.get('aof_last_write_status') === 'ok' ? ok(name, 'AOF') : fail(name, 'AOF cannot be written', 'free the disk of Redis')
  }
  return warn(name, 'without AOF: what happened since the last snapshot is lost with the server', 'set appendonly yes (appendfsync everysec)')
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
