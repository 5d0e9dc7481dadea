import { test } from 'tap'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { StreamProbe } from '../helpers/sse.ts'
import { until } from '../helpers/until.ts'
import { post, startCluster, workersOf } from './cluster.ts'

const isGone = (pid: number): boolean => {
  try {
    return !process.kill(pid, 0)
  } catch {
    return true
  }
}

async function twoStreams (t: Parameters<typeof startCluster>[0]) {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const running = await startCluster(t, { yaml: 'drain: { delay: 100ms, deadline: 60s }', env: { AIMLAPI_API_KEY: 'upstream-key', AIMLAPI_BASE_URL: provider.url } })
  const probes = [new StreamProbe(await post(running, chat({ stream: true }))), new StreamProbe(await post(running, chat({ stream: true })))]
  for (const probe of probes) await probe.until('one')
  return { provider, running, probes }
}

test('SIGTERM to the whole group: both workers let their streams run to the end, and the exit code is 0', async t => {
  const { provider, running, probes } = await twoStreams(t)
  const { gateway, publicUrl, operatorUrl } = running
  // As a service manager does it.
  for (const pid of [...workersOf(running), gateway.child.pid ?? 0]) process.kill(pid, 'SIGTERM')
  await until(async () => (await fetch(`${operatorUrl}/readyz`)).status === 503)
  // One that comes in the very moment of closing is accepted by the primary, but has no worker any more.
  await until(async () => await fetch(`${publicUrl}/v1/models`, { signal: AbortSignal.timeout(1_000) }).then(() => false, () => true))
  for (const index of [0, 1]) (await provider.request(index)).response.end(`${chatChunk('two')}${finishChunk}data: [DONE]\n\n`)
  for (const probe of probes) t.match(await probe.toEnd(), /"two".*\[DONE\]\n\n$/s)
  t.equal(await gateway.exited, 0, gateway.complaints)
})

test('a second signal ends all of them at once', async t => {
  const { running } = await twoStreams(t)
  const { gateway } = running
  const workers = workersOf(running)
  gateway.child.kill('SIGTERM')
  await gateway.line(({ msg }) => msg === 'draining')
  gateway.child.kill('SIGTERM')
  t.equal(await gateway.exited, 1)
  await until(() => workers.every(isGone))
})
