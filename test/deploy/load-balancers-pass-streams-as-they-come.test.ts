import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { StreamProbe } from '../helpers/sse.ts'
import { nginxConfig, startHaproxy, startNginx } from './balancers.ts'
import type { Server } from './balancers.ts'
import { root } from './files.ts'

const balancers: Record<string, (t: Test, servers: readonly Server[]) => Promise<string>> = { HAProxy: startHaproxy, nginx: startNginx }

for (const [name, start] of Object.entries(balancers)) {
  test(`${name}: each event at once, and a client that leaves cancels the upstream`, async t => {
    const provider = await startProvider(t, ({ response }) => {
      openStream(response)
      response.write(chatChunk('one'))
    })
    const gateway = await startGateway(t, { upstream: provider.url })
    const url = await start(t, [{ port: portOf(gateway.publicUrl), operatorPort: portOf(gateway.operatorUrl) }])
    const ask = async (): Promise<StreamProbe> => new StreamProbe(await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat({ stream: true }))
    }))

    const probe = await ask()
    await probe.until('one')
    const { response } = await provider.request(0)
    response.write(chatChunk('two'))
    await probe.until('two')
    response.end(`${finishChunk}data: [DONE]\n\n`)
    t.match(await probe.toEnd(), '[DONE]')

    const leaving = await ask()
    await leaving.until('one')
    await leaving.cancel()
    await (await provider.request(1)).cancelled
    t.equal(provider.requests.length, 2)
  })
}

test('the files as they are shipped are valid', async t => {
  const haproxy = spawnSync('haproxy', ['-c', '-f', join(root, 'deploy/haproxy/haproxy.cfg')], { encoding: 'utf8' })
  t.equal(haproxy.status, 0, haproxy.stdout + haproxy.stderr)
  const folder = t.testdir({ temp: {} })
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfig(folder))
  const nginx = spawnSync('nginx', ['-t', '-p', folder, '-c', file], { encoding: 'utf8' })
  t.equal(nginx.status, 0, nginx.stderr)
})

function portOf (url: string): number {
  return Number(new URL(url).port)
}
