import t from 'tap'
import type { LedgerRow } from '../../src/metering/row.ts'
import { rowsOf } from '../helpers/ledger-rows.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { StreamProbe } from '../helpers/sse.ts'
import { until } from '../helpers/until.ts'

const bound = 64
const end = `${finishChunk}${chatChunk(null, { choices: [], usage: { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 } })}data: [DONE]\n\n`

t.test('on_abort drain: 64 at a time, the next is cancelled, and the places are given back', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startPublicListener(t, { upstream: provider.url, yaml: 'on_abort: drain' })
  const askAndLeave = async (times: number): Promise<void> => {
    const leaving = new AbortController()
    const probes = await Promise.all(Array.from({ length: times }, async () => new StreamProbe(await gateway.post('/chat/completions', chat({ stream: true }), leaving.signal))))
    await Promise.all(probes.map(async probe => { await probe.until('one') }))
    leaving.abort()
  }

  await askAndLeave(bound + 1)
  const asked = await Promise.all(Array.from({ length: bound + 1 }, async (_, index) => await provider.request(index)))
  await Promise.race(asked.map(async ({ cancelled }) => { await cancelled }))
  for (const { response } of asked) response.end(end)
  await until(async () => (await rowsOf(gateway.ledger)).length === bound + 1)
  t.equal((await rowsOf(gateway.ledger)).filter(isExact).length, bound)

  await askAndLeave(1)
  const { response } = await provider.request(bound + 1)
  response.end(end)
  await until(async () => (await rowsOf(gateway.ledger)).length === bound + 2)
  t.equal((await rowsOf(gateway.ledger)).filter(isExact).length, bound + 1)
})

function isExact ({ source, usage }: LedgerRow): boolean {
  return source === 'provider' && usage.inputTokens === 11
}
