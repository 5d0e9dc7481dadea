import { access, constants, stat, statfs } from 'node:fs/promises'
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

/** Folders for what is kept on this machine, and room. */
export async function checkDisk (config: Config): Promise<Finding[]> {
  const { store, data_dir: folder } = config
  const data = resolve(folder)
  const main = store.startsWith('sqlite:') ? dirname(resolve(store.slice('sqlite:'.length))) : data
  const findings = [await checkFolder('disk', main) ?? await checkRoom(main, config), main === data ? null : await checkFolder('data_dir', data)]
  return findings.filter(finding => finding !== null)
}

/** Null when it is there, and the process can keep something in it. */
async function checkFolder (check: string, path: string): Promise<Finding | null> {
  const there = await firstThere(path)
  try {
    if (!(await stat(there)).isDirectory()) return fail(check, `${there} is a file`, 'name a folder: data_dir, or store')
    await access(there, constants.R_OK | constants.W_OK | constants.X_OK)
    return there === path ? null : ok(check, `${path} is made at the first start`)
  } catch (error) {
    return fail(check, `${there}: ${reasonOf(error)}`, 'let the process read and write data_dir')
  }
}

/** The path itself, or the nearest above it that exists. */
async function firstThere (path: string): Promise<string> {
  try {
    await stat(path)
    return path
  } catch (error) {
    const above = dirname(path)
    return above === path || !['ENOENT', 'ENOTDIR'].includes(reasonOf(error)) ? path : await firstThere(above)
  }
}

async function checkRoom (path: string, { store, answers }: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  const message = `${printGiB(free)} free in ${path}; stored answers take at most ${printSize(answers.max_bytes)} of it`
  return free < lowDisk + (store.startsWith('sqlite:') ? answers.max_bytes : 0) ? warn('disk', message, 'free some, move data_dir, or lower answers.max_bytes') : ok('disk', message)
}

function printGiB (bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`
}
