import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'

async function startProcess (t: Test, ...options: readonly string[]): Promise<{ readonly url: string, readonly child: ChildProcess }> {
  const main = new URL('../../src/upstream/demo/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = await once(createInterface(child.stdout), 'line')
  const { msg, url } = JSON.parse(line)
  t.equal(msg, 'listening')
  return { url, child }
}

function call (url: string, model: string, id: string): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer k', 'x-client-request-id': id },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
  })
}

t.test('its record is read and cleared over HTTP', async t => {
  const { url } = await startProcess(t, '--key', 'k')
  const record = new URL('/demo/requests', url)
  await (await call(url, 'demo', 'first')).text()
  await (await call(url, 'demo-503', 'second')).text()

  const response = await fetch(record)
  t.equal(response.headers.get('x-demo-forgotten'), '0')
  const lines = (await response.text()).trimEnd().split('\n').map(line => JSON.parse(line))
  t.match(lines, [
    { n: 1, model: 'demo', client_request_id: 'first', http_status: 200, status: 'finished', prompt_tokens: 2, completion_tokens: Number },
    { n: 2, model: 'demo-503', client_request_id: 'second', http_status: 503, status: 'finished', prompt_tokens: 0, emitted_tokens: 0 }
  ])
  t.equal(lines[0].emitted_tokens, lines[0].completion_tokens)

  await fetch(record, { method: 'DELETE' })
  t.equal(await (await fetch(record)).text(), '')
})

t.test('it ends when it is told to', async t => {
  const { child } = await startProcess(t)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})
