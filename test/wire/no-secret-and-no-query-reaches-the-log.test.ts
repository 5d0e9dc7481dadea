import t from 'tap'
import { mintKey } from '../../src/keys/key.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { completion, sendJson, startProvider } from '../helpers/provider.ts'
import { until } from '../helpers/until.ts'
import { RawConnection } from './raw-connection.ts'
import { get, head, key, post } from './wire-case.ts'

const secret = key.slice(-30)
const stranger = mintKey().token
const secretPrompt = 'a prompt that nobody else may read'

const requests = {
  'the key in the query': get(`/v1/models?api_key=${key}&key=${key}`),
  'the key in the query, and nowhere else': head(`GET /v1/models?api_key=${key} HTTP/1.1`, 'authorization: '),
  'the key in a path': get(`/v1/${key}`),
  'the key in the path of a model': get(`/v1/models/${key}`),
  'the key in a path that is broken': get(`/v1/%zz${key}`),
  'the key as the user, the model and the prompt': post(JSON.stringify({ model: key, user: key, messages: [{ role: 'user', content: `${key} ${secretPrompt}` }] })),
  'the key in broken JSON': post(`{"model":"m",${key} ${secretPrompt}`),
  'a key that nobody knows': head('GET /v1/models HTTP/1.1', `authorization: Bearer ${stranger}`),
  'a key with a typo': head('GET /v1/models HTTP/1.1', `authorization: Bearer ${key}x`),
  'a key in another scheme': head('GET /v1/models HTTP/1.1', `authorization: Basic ${key}`),
  'a key in bytes that are no HTTP': `GET /v1/models HTTP/1.1\r\nauthorization Bearer ${key}\r\n\r\n`,
  'line breaks and escapes for terminals in a path': get('/v1/models/a%0d%0a%1b[31mred'),
  'escapes for terminals in a model name': post('{"model":"\\u001b[31mred\\n{}","messages":[{}]}')
}

t.test('logs', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const { url, log } = await startPublicListener(t, { upstream: provider.url, key })
  for (const [title, bytes] of Object.entries(requests)) {
    const before = log.length
    const connection = await RawConnection.open(url)
    connection.send(bytes)
    const { headers, body } = await connection.answer()
    t.notOk(body.includes(secretPrompt), `${title}: the answer repeats no prompt`)
    connection.destroy()
    await until(() => log.length > before)
    const id = headers.get('x-request-id') ?? 'none'
    t.ok(log.slice(before).some(line => line.includes(id)), `${title}: is logged with its id`)
  }
  const whole = log.join('')
  for (const [what, text] of Object.entries({ 'the key': secret, 'a stranger\'s key': stranger.slice(-30), 'a prompt': secretPrompt, 'a query': 'api_key=', 'an escape': '\x1b' })) {
    t.notOk(whole.includes(text), `${what} is nowhere in the log: ${whole.split('\n').find(line => line.includes(text))}`)
  }
  for (const line of log) t.doesNotThrow(() => JSON.parse(line), 'each line is JSON')
})
