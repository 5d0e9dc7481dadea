import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { completion, chat, sendJson, startProvider } from '../helpers/provider.ts'

const list = { data: [{ id: 'openai/gpt-4o', info: { name: 'GPT-4o', developer: 'Open AI', releasedAt: '2024-05-13' } }] }

t.test('asked for once by many at the same time, and completed to OpenAI\'s shape', async t => {
  const provider = await startProvider(t, ({ response }) => { setImmediate(() => { sendJson(response, list) }) })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'models: { fast: { model: openai/gpt-4o } }' })
  const answers = await Promise.all(Array.from({ length: 5 }, async () => await (await gateway.fetch('/models')).json()))
  for (const answer of answers) {
    t.match(answer, { object: 'list', data: [{ id: 'openai/gpt-4o', object: 'model', created: Number, owned_by: 'Open AI' }, { id: 'fast', object: 'model' }] })
  }
  t.equal(provider.requests.length, 1)
})

t.test('a provider that dies in the middle of the list is 502', async t => {
  const provider = await startProvider(t, ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    response.write('{"data":[', () => { response.socket?.destroy() })
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/models')
  t.equal(response.status, 502)
  t.match(await response.json(), { error: { code: 'upstream_disconnected' } })
})

t.test('a refused key is passed over, for the list as for everything else', async t => {
  const provider = await startProvider(t, ({ headers, url, response }) => {
    if (headers.authorization === 'Bearer revoked') sendJson(response, { message: 'no' }, 401)
    else sendJson(response, url.endsWith('/models') ? list : completion)
  })
  const gateway = await startGateway(t, { yaml: `upstreams: { u: { base_url: ${provider.url}, keys: [{ value: revoked, weight: 9 }, { value: good }] } }` })
  t.equal((await gateway.fetch('/models')).status, 200)
  t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 200)
  t.same(provider.requests.map(({ headers }) => headers.authorization), ['Bearer revoked', 'Bearer good', 'Bearer good'])
})
