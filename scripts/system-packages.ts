import { execFileSync, spawnSync } from 'node:child_process'

/** A Debian package, and the command line that proves it is there. */
interface SystemPackage {
  readonly name: string
  readonly probe: readonly [command: string, ...args: string[]]
}

const packages = {
  redis: { name: 'redis-server', probe: ['redis-server', '--version'] },
  jemalloc: { name: 'libjemalloc2', probe: ['sh', '-c', 'PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q libjemalloc.so.2'] },
  faketime: { name: 'faketime', probe: ['faketime', '--version'] },
  requests: { name: 'python3-requests', probe: ['/usr/bin/python3', '-c', 'import requests'] },
  nginx: { name: 'nginx-light', probe: ['nginx', '-v'] },
  wrk: { name: 'wrk', probe: ['which', 'wrk'] },
  haproxy: { name: 'haproxy', probe: ['haproxy', '-v'] },
  promtool: { name: 'prometheus', probe: ['promtool', '--version'] }
} as const satisfies Record<string, SystemPackage>

export type PackageName = keyof typeof packages

/**
 * Installs from Debian what is missing of `names`.
 *
 * @throws when something is missing and cannot be installed here (no apt-get, or not root), naming it
 */
export function ensureSystemPackages (names: readonly PackageName[]): void {
  const missing = names.map(name => packages[name]).filter(({ probe }) => !isThere(probe)).map(({ name }) => name)
  if (missing.length === 0) return
  console.log(`installing ${missing.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  } catch (error) {
    throw new Error(`Please install: ${missing.join(', ')}`, { cause: error })
  }
}

function isThere ([command, ...args]: SystemPackage['probe']): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
