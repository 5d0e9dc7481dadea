import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from '../helpers/ports.ts'
import { until } from '../helpers/until.ts'
import { read, root } from './files.ts'

/** Where gateways listen. */
export interface Server {
  readonly port: number
  readonly operatorPort: number
}

export type Teardown = Pick<Test, 'teardown'>

/** HAProxy with deploy/haproxy/haproxy.cfg, but for its addresses. Resolves to its URL. */
export async function startHaproxy (t: Teardown, servers: readonly Server[]): Promise<string> {
  const port = await freePort()
  const lines = servers.map(({ port, operatorPort }, index) => `    server gateway${index} 127.0.0.1:${port} port ${operatorPort}`)
  const config = read('deploy/haproxy/haproxy.cfg')
    .replace(/^resolvers docker\n(?: .*\n)+/m, '')
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace('bind :8404', `bind 127.0.0.1:${await freePort()}`)
    .replace('check port 9090', 'check')
    .replace(/^ +server-template .*$/m, lines.join('\n'))
  const file = join(folderOf(t), 'haproxy.cfg')
  writeFileSync(file, config)
  await serve(t, spawn('haproxy', ['-db', '-f', file]), `http://127.0.0.1:${port}`)
  return `http://127.0.0.1:${port}`
}

/** nginx with deploy/nginx/tollgate.conf, but for its addresses. */
export async function startNginx (t: Teardown, servers: readonly Server[]): Promise<string> {
  const port = await freePort()
  const folder = folderOf(t)
  const site = read('deploy/nginx/tollgate.conf')
    .replace('listen 8000', `listen 127.0.0.1:${port}`)
    .replace(/(?: +server 127.*\n)+/, servers.map(({ port }) => `    server 127.0.0.1:${port} max_fails=1 fail_timeout=5s;\n`).join(''))
  mkdirSync(join(folder, 'temp'))
  writeFileSync(join(folder, 'site.conf'), site)
  writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, join(folder, 'site.conf')))
  await serve(t, spawn('nginx', ['-g', 'daemon off;', '-p', folder, '-c', join(folder, 'nginx.conf')]), `http://127.0.0.1:${port}`)
  return `http://127.0.0.1:${port}`
}

/** The smallest configuration around a site, which writes nowhere but into the folder. */
export function nginxConfig (folder: string, site = `${root}deploy/nginx/tollgate.conf`): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `  ${name}_temp_path ${folder}/temp;`).join('\n')
  return `pid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\n  access_log off;\n${temp}\n  include ${site};\n}\n`
}

function folderOf (t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-balancer-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

async function serve (t: Teardown, child: ChildProcess, url: string): Promise<void> {
  let complaints = ''
  child.stderr?.on('data', (text: Buffer) => { complaints += text.toString() })
  t.teardown(async () => {
    if (child.exitCode !== null) return
    // nginx passes it on to its workers, which outlive a master that is killed.
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(complaints)
    return await fetch(`${url}/v1/models`).then(async response => {
      await response.text()
      return response.status === 401
    }, () => false)
  })
}
