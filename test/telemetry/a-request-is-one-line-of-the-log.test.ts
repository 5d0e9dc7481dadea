import { test } from 'tap'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'

test('each request is one line of JSON with what is known of it', async t => {
  const usage = { choices: [], usage: { prompt_tokens: 812, completion_tokens: 94, total_tokens: 906 } }
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.end(`${chatChunk('one')}${finishChunk}${chatChunk(null, usage)}data: [DONE]\n\n`)
  })
  const { gateway, publicUrl } = await startGatewayProcess(t, { env: { AIMLAPI_API_KEY: 'upstream-key', AIMLAPI_BASE_URL: provider.url } })
  const ask = async (path: string, body: unknown): Promise<string | null> => {
    const headers = { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json', 'x-injected': 'a\tb' }
    const response = await fetch(publicUrl + path, { method: 'POST', headers, body: JSON.stringify(body) })
    await response.text()
    return response.headers.get('x-request-id')
  }
  const streamed = await ask('/v1/chat/completions?token=in-the-query', chat({ stream: true, model: 'gpt "4"' }))
  const refused = await ask('/v1/chat/completions', { model: 'm' })
  const line = await gateway.line(({ request_id: id }) => id === streamed)
  t.match(line, {
    level: 'info',
    msg: 'request',
    method: 'POST',
    route: '/v1/chat/completions',
    status: 200,
    project: 'proj_default',
    key: gateway.key.split('_')[1],
    model: 'gpt "4"',
    stream: true,
    upstream: 'aimlapi',
    input_tokens: 812,
    output_tokens: 94,
    total_ms: Number,
    upstream_ms: Number,
    first_byte_ms: Number,
    first_token_ms: Number,
    overhead_ms: Number
  })
  t.match(await gateway.line(({ request_id: id }) => id === refused), { status: 400, project: 'proj_default', error: 'missing_required_parameter' })
  t.equal(gateway.lines.filter(text => text.includes(String(streamed))).length, 1)
  for (const text of gateway.lines) {
    t.notMatch(text, /in-the-query/)
    t.notMatch(text, /"Hi"/)
  }
})
