import t from 'tap'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { mallocOfTheImage } from '../../bench/stand/gateway.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { limitMemory } from '../helpers/memory-limit.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { scrape } from '../helpers/scrape.ts'

const limit = 256 * 1024 ** 2
/** More than twice what fits beside the program: each holds its body until the provider has answered. */
const callers = 300
const body = JSON.stringify(chat({ messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }] }))
const duration = 6_000

t.test('256 MB and twice the work that fits: 503 for what is too much, nobody is killed, and afterwards it serves', async t => {
  const provider = await startProvider(t, ({ response }) => { setTimeout(() => { sendJson(response, completion) }, 1_000) })
  const running = await startGatewayProcess(t, {
    launcher: limitMemory(t, limit),
    yaml: 'overload: { max_loop_delay: 1h }',
    env: { AIMLAPI_API_KEY: 'upstream-key', AIMLAPI_BASE_URL: provider.url, ...mallocOfTheImage }
  })
  const { gateway, publicUrl, operatorUrl } = running
  t.match(readFileSync(`/proc/${gateway.child.pid}/maps`, 'utf8'), mallocOfTheImage.LD_PRELOAD, 'with the allocator of the image')
  const statuses = new Map<string, number>()
  const until = performance.now() + duration

  const post = async (content: string): Promise<string> => {
    const response = await fetch(`${publicUrl}/v1/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' }, body: content })
    const text = await response.text()
    return response.status === 200 ? '200' : `${response.status} ${(JSON.parse(text) as { error: { code: string } }).error.code}`
  }
  await Promise.all(Array.from({ length: callers }, async () => {
    while (performance.now() < until && gateway.child.exitCode === null && gateway.child.signalCode === null) {
      const status = await post(body).catch((error: Error) => String(error.cause ?? error))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status !== '200') await sleep(100)
    }
  }))
  t.equal(gateway.child.signalCode, null, 'not killed')
  t.equal(gateway.child.exitCode, null, gateway.complaints)
  t.comment(Object.fromEntries(statuses))
  t.ok((statuses.get('503 overloaded') ?? 0) > 0, 'shed')
  t.ok((statuses.get('200') ?? 0) > 0, 'served all the same')
  t.ok(((await scrape(operatorUrl)).value('tollgate_memory_used_ratio') ?? 0) > 0.3)
  const afterwards = new Set<string>()
  for (let request = 0; request < 20; request++) afterwards.add(await post(JSON.stringify(chat())))
  t.same(afterwards, new Set(['200']), 'what it does not give back does not lock it up')
})
