import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { chat, jsonOf, post } from './support.ts'

t.test('a missing or wrong key: problem+json, with an error that is not of the OpenAI shape', async t => {
  const demo = await startDemo(t, { key: 'right' })
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'right' }]) {
    const response = await chat(demo, {}, headers)
    t.equal(response.status, 401)
    t.match(response.headers.get('content-type'), 'application/problem+json')
    t.match(await jsonOf(response), { title: 'Unauthorized', status: 401, instance: '/v1/chat/completions', error: { name: 'UnauthorizedException' } })
  }
  t.equal((await chat(demo, {}, { authorization: 'Bearer right' })).status, 200)
  t.equal((await fetch(`${demo.url}/models`)).status, 200, 'models are public')
})

t.test('what is missing: a tree of validation errors', async t => {
  const demo = await startDemo(t)
  const cases: ReadonlyArray<readonly [path: string, body: object, parameter: string]> = [
    ['/chat/completions', { model: 'demo' }, 'messages'],
    ['/chat/completions', { messages: [] }, 'model'],
    ['/responses', { model: 'demo' }, 'input'],
    ['/embeddings', { model: 'demo' }, 'input'],
    ['/chat/completions', [], 'body']
  ]
  for (const [path, body, parameter] of cases) {
    const response = await post(demo, path, body)
    t.equal(response.status, 400)
    t.match(await jsonOf(response), { statusCode: 400, message: 'Body validation error!', meta: { _errors: [], [parameter]: { _errors: [String] } } })
  }
  const broken = await fetch(`${demo.url}/responses`, { method: 'POST', body: '{"model":' })
  t.equal(broken.status, 400)
})

t.test('an unknown route', async t => {
  const demo = await startDemo(t)
  const response = await post(demo, '/nowhere', {})
  t.equal(response.status, 404)
  t.match(await jsonOf(response), { message: 'Not found', path: '/v1/nowhere', statusCode: '404', requestId: String })
})

t.test('routes work without /v1 and with a slash at the end', async t => {
  const demo = await startDemo(t)
  const bare = { ...demo, url: demo.url.replace('/v1', '') }
  t.equal((await chat(bare)).status, 200)
  t.equal((await post(demo, '/chat/completions/', { model: 'demo', messages: [] })).status, 200)
})
