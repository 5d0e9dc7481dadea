import { statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { printSize } from '../../config/notation.ts'
import { fail, ok, reasonOf, warn } from './finding.ts'
import type { Finding } from './finding.ts'

const oldestNode = 24
/** Below it, what a release of `overload.max_in_flight` allows cannot be held: two sockets a request. */
const socketsOfARequest = 2
const lowDisk = 1024 ** 3

/** Node, processors and the limit of open files. */
export function checkMachine (maxInFlight: number): Finding[] {
  return [checkNode(process.versions.node), ok('processors', `${availableParallelism()}, time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`), checkFiles(openFiles(), maxInFlight), ...checkProxies()]
}

export function checkNode (version: string): Finding {
  if (Number.parseInt(version) >= oldestNode) return ok('node', version)
  return fail('node', `${version} is too old`, `use Node ${oldestNode} or later`)
}

/** @param limit null: not known, or without limit */
export function checkFiles (limit: number | null, maxInFlight: number): Finding {
  const wanted = maxInFlight * socketsOfARequest
  if (limit === null) return ok('open files', 'unlimited')
  if (limit >= wanted) return ok('open files', String(limit))
  return warn('open files', `${limit}; ${maxInFlight} requests at once need ${wanted}`, `raise the limit (ulimit -n ${wanted}, LimitNOFILE= in systemd), or lower overload.max_in_flight`)
}

function openFiles (): number | null {
  const { userLimits } = process.report.getReport() as { readonly userLimits?: { readonly open_files?: { readonly soft: number | string } } }
  const soft = Number(userLimits?.open_files?.soft)
  return Number.isFinite(soft) ? soft : null
}

function checkProxies (): Finding[] {
  const set = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].filter(name => process.env[name])
  return set.length === 0 ? [] : [warn('proxy', `${set.join(', ')} is set and has no effect`, 'reach the upstreams directly, or name the proxy as their base_url')]
}

/** Room for what is kept on this machine. */
export async function checkDisk ({ store, answers, data_dir: folder }: Config): Promise<Finding> {
  const path = store.startsWith('sqlite:') ? dirname(resolve(store.slice('sqlite:'.length))) : resolve(folder)
  try {
    const { bavail, bsize } = await statfs(path)
    const free = bavail * bsize
    const message = `${printGiB(free)} free in ${path}; stored answers take at most ${printSize(answers.max_bytes)} of it`
    return free < lowDisk + (store.startsWith('sqlite:') ? answers.max_bytes : 0) ? warn('disk', message, 'free some, move data_dir, or lower answers.max_bytes') : ok('disk', message)
  } catch (error) {
    if (reasonOf(error) === 'ENOENT') return ok('disk', `${path} is made at the first start`)
    return fail('disk', `${path}: ${reasonOf(error)}`, 'let the process read and write data_dir')
  }
}

function printGiB (bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`
}
