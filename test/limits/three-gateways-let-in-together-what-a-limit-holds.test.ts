import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestKey, mintKey } from '../../src/keys/key.ts'
import { startDemo } from '../helpers/demo.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { completion, sendJson, startProvider } from '../helpers/provider.ts'
import { startRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'

/** As `startGatewayProcess` sets it. */
const pepper = 'a pepper for tests only'
const key = mintKey()

/** Three gateways over one Redis; their clocks are off by what `skews` say, s. Returns where they listen. */
async function startThree (t: Parameters<typeof startGatewayProcess>[0], upstream: string, team: object, skews: readonly number[] = [0, 0, 0]): Promise<string[]> {
  const redis = await startRedis(t)
  const keys = [{ id: key.id, hash: digestKey(key.token, pepper).toString('hex') }]
  const yaml = JSON.stringify({
    store: redis.address,
    // 500 at once are late for a moment on a small machine: they are to be decided on, not shed.
    overload: { max_loop_delay: '30s' },
    upstreams: { provider: { base_url: upstream } },
    prices: [{ model: 'm', effective_from: '2020-01-01', input: 0, output: 1000 }],
    projects: { team: { ...team, applications: { app: { keys } } } }
  })
  const running = await Promise.all(skews.map(skew => startGatewayProcess(t, { yaml, env: skew === 0 ? {} : shiftedClock(skew) })))
  return running.map(({ publicUrl }) => publicUrl)
}

/** What the program `faketime` does, without a process between the test and the one that it has to end. The linker puts in `$LIB`. */
function shiftedClock (seconds: number): Record<string, string> {
  return { LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1', FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s` }
}

/** A gateway without a moment to spare says 503 and when to ask again. */
async function ask (url: string | undefined, maxTokens = 1000): Promise<number> {
  const status = await askOnce(url, maxTokens)
  if (status !== 503) return status
  await sleep(1000)
  return await ask(url, maxTokens)
}

async function askOnce (url: string | undefined, maxTokens: number): Promise<number> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: maxTokens, messages: [{ role: 'user', content: 'Hi' }] })
  })
  await response.arrayBuffer()
  return response.status
}

/** By its own clock. */
async function minutesAhead (url: string): Promise<number> {
  const { headers } = await fetch(url)
  return Math.round((Date.parse(headers.get('date') ?? '') - Date.now()) / 60_000)
}

t.test('500 requests at once that reserve a dollar each, against a budget of 100.50: 100 are let in', async t => {
  const provider = await startProvider(t, () => {})
  const urls = await startThree(t, provider.url, { spend_usd_per_month: 100.5 })
  // The first refusal of a process takes longer: it loads the tokenizer, to count before it refuses.
  t.same(await Promise.all(urls.map(url => ask(url, 200_000))), [429, 429, 429])
  const refused: number[] = []
  const answers = Promise.all(Array.from({ length: 500 }, async (_, index) => {
    const status = await ask(urls[index % urls.length])
    if (status !== 200) refused.push(status)
    return status
  }))
  // None is settled, and so gives nothing back, before all have been decided on.
  await until(() => refused.length + provider.requests.length === 500)
  for (const { response } of provider.requests) sendJson(response, completion)
  t.equal((await answers).filter(status => status === 200).length, 100)
  t.equal(provider.requests.length, 100)
  t.same([...new Set(refused)], [429])
})

t.test('requests per minute, with clocks five minutes behind and ahead: burst + rate × time, and nobody is starved', async t => {
  const demo = await startDemo(t)
  const urls = await startThree(t, demo.url, { limits: { '*': { requests_per_minute: 120 } } }, [-300, 0, 300])
  t.same(await Promise.all(urls.map(minutesAhead)), [-5, 0, 5])
  const start = performance.now()
  const admitted = await Promise.all(urls.map(async url => {
    let count = 0
    for (let round = 0; round < 10; round++) {
      const statuses = await Promise.all(Array.from({ length: 10 }, () => ask(url)))
      count += statuses.filter(status => status === 200).length
    }
    return count
  }))
  const elapsed = performance.now() - start
  const total = admitted.reduce((sum, count) => sum + count, 0)
  t.ok(total >= 120, `${total}`)
  t.ok(total <= 120 + 120 * elapsed / 60_000, `${total} in ${elapsed} ms`)
  t.ok(admitted.every(count => count > 0), `${admitted}`)
})
