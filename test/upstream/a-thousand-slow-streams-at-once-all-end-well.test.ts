import { Agent, request } from 'node:http'
import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'

const streams = 1000

t.test('each gets its own words, while all others are open', { timeout: 60_000 }, async t => {
  let opened = 0
  const allOpen = Promise.withResolvers<void>()
  const provider = await startProvider(t, ({ body, response }) => {
    const { user } = JSON.parse(body.toString()) as { user: string }
    openStream(response)
    response.write(chatChunk(`first of ${user}`))
    if (++opened === streams) allOpen.resolve()
    void allOpen.promise.then(() => { response.end(`${chatChunk(`last of ${user}`)}${finishChunk}data: [DONE]\n\n`) })
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const agent = new Agent({ keepAlive: false })
  const texts = await Promise.all(Array.from({ length: streams }, async (_, n) => await post(gateway, agent, chat({ stream: true, user: `u${n}` }))))
  const wrong = texts.filter((text, n) => text !== `${chatChunk(`first of u${n}`)}${chatChunk(`last of u${n}`)}${finishChunk}data: [DONE]\n\n`)
  t.equal(wrong.length, 0)
})

async function post ({ baseUrl, key }: { baseUrl: string, key: string }, agent: Agent, body: unknown): Promise<string> {
  return await new Promise((resolve, reject) => {
    const call = request(`${baseUrl}/chat/completions`, { agent, method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => { text += piece }).on('end', () => { resolve(text) }).on('error', reject)
    })
    call.on('error', reject)
    call.end(JSON.stringify(body))
  })
}
