import t from 'tap'
import { sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { RawConnection } from './raw-connection.ts'
import { head, key, postTo } from './wire-case.ts'

const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  model: 'm',
  status: 'completed',
  output: [],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
}
const json = 'content-type: application/json'

t.test('as the Python client sends it', async t => {
  const provider = await startProvider(t, ({ response: answer }) => { sendJson(answer, response) })
  const { url } = await startPublicListener(t, { upstream: provider.url, key })
  const connection = await RawConnection.open(url)
  t.teardown(() => { connection.destroy() })
  connection.send(postTo('/v1/responses', '{"model":"m","input":"Hi"}'))
  const { id } = JSON.parse((await connection.answer()).body) as { id: string }

  for (const [title, bytes] of Object.entries({
    'an empty body to cancel': postTo(`/v1/responses/${id}/cancel`, ''),
    'no body to cancel': head(`POST /v1/responses/${id}/cancel HTTP/1.1`),
    'no body to cancel, but a type': head(`POST /v1/responses/${id}/cancel HTTP/1.1`, json),
    'no chunks to cancel': `${head(`POST /v1/responses/${id}/cancel HTTP/1.1`, json, 'transfer-encoding: chunked')}0\r\n\r\n`,
    'no body to delete, but a type': head(`DELETE /v1/responses/${id} HTTP/1.1`, json)
  })) {
    connection.send(bytes)
    t.equal((await connection.answer()).status, 200, title)
    t.equal(provider.requests.at(-1)?.body.length, 0, 'and none goes upstream')
  }
})
