import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from './ports.ts'
import { BenchProcess } from './process.ts'
import { answers } from './redis.ts'
import type { Stand } from './stand.ts'
import { headersWith } from './target.ts'
import type { Target } from './target.ts'

const name = '@portkey-ai/gateway'
/** Other versions of these answer every stream with 500. */
const overrides = { hono: '4.9.7', '@hono/node-server': '1.13.5', '@hono/node-ws': '1.2.0' }

/** Another gateway, from npm into the stand's folder, on the same Node: without keys, limits or metering. */
export async function startPeer ({ folder, providers }: Stand, core: number): Promise<Target> {
  const home = join(folder, 'peer')
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: '^1.15.0' }, overrides }))
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] })
  const [port = 0] = await freePorts(1)
  const process_ = new BenchProcess({
    command: process.execPath,
    args: [join(home, 'node_modules', name, 'build/start-server.js'), `--port=${port}`, '--headless'],
    core,
    log: join(folder, 'peer.log')
  })
  await process_.until(async () => await answers(port) ? true : null)
  return {
    name,
    gateway: null,
    isNginx: false,
    process: process_,
    port,
    served: async () => null,
    requestFor: ({ behaviour, path, body }) => ({
      path: `/v1${path}`,
      headers: { ...headersWith('key-of-the-provider'), 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `http://127.0.0.1:${providers.get(behaviour)}/v1` },
      body
    })
  }
}
