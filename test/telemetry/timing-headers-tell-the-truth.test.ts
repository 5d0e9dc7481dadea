import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import type { Provider, ReceivedRequest } from '../helpers/provider.ts'
import { connectTo, rawChatHead } from '../helpers/raw-client.ts'
import { scrape } from '../helpers/scrape.ts'

/** What the client and the provider measure themselves, ms. */
interface Measured {
  readonly headers: Headers
  /** From sending the request to having the head of the answer. */
  readonly outside: number
  /** What the provider took. */
  readonly upstream: number
}

/** Headers round to whole milliseconds. */
const rounding = 1

async function measure (gateway: TestGateway, provider: Provider, body: unknown, answer: (request: ReceivedRequest) => void): Promise<Measured> {
  const index = provider.requests.length
  const sentAt = performance.now()
  const responding = gateway.fetch('/chat/completions', { body })
  const request = await provider.request(index)
  const cameAt = performance.now()
  await sleep(50)
  const upstream = performance.now() - cameAt
  answer(request)
  const response = await responding
  const outside = performance.now() - sentAt
  await response.text()
  return { headers: response.headers, outside, upstream }
}

function isTrue (t: Test, { headers, outside, upstream }: Measured): void {
  const processing = Number(headers.get('openai-processing-ms'))
  const overhead = Number(headers.get('x-tollgate-overhead-ms'))
  t.ok(processing <= outside + rounding, `processing ${processing} is not more than the client saw, ${outside}`)
  t.ok(processing >= upstream - rounding, `processing ${processing} is not less than the provider took, ${upstream}`)
  t.ok(overhead > 0, `overhead ${overhead}`)
  t.ok(overhead <= outside - upstream + rounding, `overhead ${overhead} is not more than what the provider leaves of the client's time, ${outside - upstream}`)
  t.ok(overhead <= processing + rounding, 'overhead is a part of processing')
}

const answers: Record<string, (request: ReceivedRequest) => void> = {
  'a JSON answer': ({ response }) => { sendJson(response, completion) },
  'an error': ({ response }) => { sendJson(response, { error: { message: 'no' } }, 400) }
}

for (const [name, answer] of Object.entries(answers)) {
  test(name, async t => {
    const provider = await startProvider(t, () => {})
    const gateway = await startGateway(t, { upstream: provider.url })
    isTrue(t, await measure(gateway, provider, chat(), answer))
  })
}

test('a stream, whose headers cannot know the rest', async t => {
  const provider = await startProvider(t, () => {})
  const gateway = await startGateway(t, { upstream: provider.url })
  isTrue(t, await measure(gateway, provider, chat({ stream: true }), ({ response }) => {
    openStream(response)
    response.end(`${chatChunk('one')}${finishChunk}data: [DONE]\n\n`)
  }))
})

test('the metric is the sum of the headers', async t => {
  const provider = await startProvider(t, () => {})
  const gateway = await startGateway(t, { upstream: provider.url })
  let sum = 0
  for (let round = 0; round < 3; round++) {
    const { headers } = await measure(gateway, provider, chat(), ({ response }) => { sendJson(response, completion) })
    sum += Number(headers.get('x-tollgate-overhead-ms'))
  }
  const metrics = await scrape(gateway.operatorUrl)
  t.ok(Math.abs((metrics.value('tollgate_overhead_seconds_sum') ?? 0) * 1000 - sum) <= 3 * 0.01)
})

test('the time that a client takes to send its body is its own', async t => {
  const gateway = await startGateway(t)
  const socket = connectTo(gateway.publicUrl)
  await once(socket, 'connect')
  socket.write(`${rawChatHead(gateway.key)}content-length: 1\r\nexpect: 100-continue\r\n\r\n`)
  await once(socket, 'data')
  const continuedAt = performance.now()
  await sleep(300)
  const slept = performance.now() - continuedAt
  socket.write('{')
  const [answer] = await once(socket, 'data') as [Buffer]
  socket.destroy()
  const processing = Number(/^openai-processing-ms: (\d+)/m.exec(answer.toString())?.[1])
  t.match(answer.toString(), /^HTTP\/1.1 400 /)
  t.ok(processing < slept, `${processing} ms without the ${slept} ms that the body took`)
})

test('answers that no upstream gave carry them too', async t => {
  const gateway = await startGateway(t)
  for (const path of ['/models', '/nowhere']) {
    const response = await gateway.fetch(path)
    await response.text()
    t.match(response.headers.get('openai-processing-ms'), /^\d+$/)
    t.match(response.headers.get('x-tollgate-overhead-ms'), /^\d+\.\d\d$/)
  }
})
