import { test } from 'tap'
import type { Test } from 'tap'
import { mintKey } from '../../src/keys/key.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import type { RunningProcess } from '../helpers/gateway-process.ts'
import { chat } from '../helpers/provider.ts'
import { freePort, startHaproxy } from './balancers.ts'
import type { Server } from './balancers.ts'

const key = mintKey().token

async function start (t: Test, { port, operatorPort }: Server): Promise<RunningProcess> {
  return await startGatewayProcess(t, {
    // Longer than HAProxy takes to notice: two checks a second apart.
    yaml: 'drain: { delay: 4s, deadline: 30s }',
    env: { TOLLGATE_LISTEN: `127.0.0.1:${port}`, TOLLGATE_OPERATOR_LISTEN: `127.0.0.1:${operatorPort}`, TOLLGATE_BOOTSTRAP_KEY: key }
  })
}

/** Sends requests one after the other, JSON and streams in turn, until it is told to stop. */
class Caller {
  readonly failures: string[] = []
  answered = 0
  #stopped = false

  async run (url: string): Promise<void> {
    while (!this.#stopped) {
      const stream = this.answered % 2 === 0
      try {
        const response = await fetch(`${url}/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify(chat({ stream }))
        })
        const text = await response.text()
        if (response.status !== 200 || (stream && !text.endsWith('data: [DONE]\n\n'))) this.failures.push(`${response.status} ${text.slice(-300)}`)
      } catch (error) {
        this.failures.push(String(error instanceof Error ? error.cause ?? error : error))
      }
      this.answered++
    }
  }

  stop (): void {
    this.#stopped = true
  }
}

test('two gateways, each restarted in turn under load', async t => {
  const servers = [{ port: await freePort(), operatorPort: await freePort() }, { port: await freePort(), operatorPort: await freePort() }]
  const running = await Promise.all(servers.map(async server => await start(t, server)))
  const url = await startHaproxy(t, servers)
  const callers = Array.from({ length: 6 }, () => new Caller())
  const calls = callers.map(async caller => { await caller.run(url) })

  for (const [index, server] of servers.entries()) {
    const { gateway } = running[index] as RunningProcess
    gateway.child.kill('SIGTERM')
    t.equal(await gateway.exited, 0, gateway.complaints)
    await start(t, server)
  }
  for (const caller of callers) caller.stop()
  await Promise.all(calls)
  t.same(callers.flatMap(({ failures }) => failures), [])
  t.ok(callers.every(({ answered }) => answered > 2))
})
