import fc from 'fast-check'
import t from 'tap'
import { allCases } from './cases/all.ts'
import { damagedBytes, damagedJson } from './mutations.ts'
import { RawConnection } from './raw-connection.ts'
import type { Answer } from './raw-connection.ts'
import { postTo, startListener, validBody } from './wire-case.ts'
import type { Listener } from './wire-case.ts'

/** ms that each property may search. A failure prints the seed that repeats it. */
const interruptAfterTimeLimit = 3_000
const endless = { interruptAfterTimeLimit, numRuns: 1_000_000, markInterruptAsFailure: false }

const corpus = Object.values(allCases).flat().map(({ send }) => Buffer.from(send)).filter(({ length }) => length < 5_000)
const bodies = [
  validBody,
  '{"model":"m","n":2,"seed":7,"stream":true,"stream_options":{"include_usage":false},"max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":"caf\u00e9"}]}]}',
  '{"model":"m","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"__proto__":{"type":"string"}}}}}],"temperature":0.5}'
]

/** What is true of every answer, whatever the question was. */
function faultOf ({ status, headers, body }: Answer): string | null {
  if (status < 200) return null
  if (status >= 500) return `status ${status}: ${body}`
  if (!/^req_[0-9a-f]{32}$/.test(headers.get('x-request-id') ?? '')) return 'no request id'
  if (status < 400) return null
  const { error } = JSON.parse(body) as { error?: Record<string, unknown> }
  return Object.keys(error ?? {}).sort().join() === 'code,message,param,type' ? null : `not OpenAI's shape: ${body}`
}

async function alive ({ gateway }: Listener): Promise<void> {
  if ((await fetch(`${gateway.publicUrl}/v1/models`)).status !== 401) throw new Error('the gateway serves no more')
}

t.test('damaged JSON gets one answer', async t => {
  const listener = await startListener(t)
  const property = fc.asyncProperty(damagedJson(bodies), fc.constantFrom('/v1/chat/completions', '/v1/responses', '/v1/embeddings', '/v1/responses/input_tokens'), async (body, target) => {
    const connection = await RawConnection.open(listener.gateway.publicUrl)
    connection.send(postTo(target, body, 'connection: close'))
    const fault = faultOf(await connection.answer())
    if (fault !== null) throw new Error(fault)
    const rest = await connection.rest()
    connection.destroy()
    if (rest !== '') throw new Error(`a second answer: ${rest}`)
  })
  await fc.assert(property, endless)
  await alive(listener)
})

t.test('damaged bytes get no more answers than there can be requests, and an end', async t => {
  const listener = await startListener(t)
  const property = fc.asyncProperty(damagedBytes(corpus), async bytes => {
    const connection = await RawConnection.open(listener.gateway.publicUrl)
    connection.send(bytes)
    connection.end()
    const answers = await connection.all()
    connection.destroy()
    const faults = answers.map(faultOf).filter(fault => fault !== null)
    if (faults.length > 0) throw new Error(faults.join())
    // A head ends in an empty line; what comes behind the last one can be refused once.
    const requests = bytes.toString('latin1').split('\r\n\r\n').length
    const final = answers.filter(({ status }) => status >= 200).length
    if (final > requests) throw new Error(`${final} answers to ${requests} requests`)
  })
  await fc.assert(property, endless)
  await alive(listener)
})
