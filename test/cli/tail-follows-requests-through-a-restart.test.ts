import { test } from 'tap'
import { mintKey } from '../../src/keys/key.ts'
import { startGateway } from '../helpers/gateway.ts'
import { freePort } from '../helpers/ports.ts'
import { cliArgs, startProcess } from '../helpers/process.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { environmentOf, tollgate } from './command.ts'

test('as JSON: in flight, ended, refused with the reason; then those of the gateway that comes after', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const tail = startProcess(t, process.execPath, [...cliArgs, 'tail'], environmentOf(gateway))
  const answering = gateway.fetch('/chat/completions', { body: chat({ stream: true }) })
  const [open] = await tail.says(/^\{"event":"open".*\}$/m)
  t.match(JSON.parse(open), { project: 'proj_default', model: 'm', stream: true })
  const { response } = await provider.request(0)
  response.end(`${finishChunk}data: [DONE]\n\n`)
  await (await answering).text()
  await (await gateway.fetch('/chat/completions', { body: chat(), headers: { authorization: `Bearer ${mintKey().token}` } })).text()
  const [ended] = await tail.says(/^\{"event":"ended".*"status":200.*\}$/m)
  t.match(JSON.parse(ended), { model: 'm', upstream: 'aimlapi', total_ms: Number })
  const [refused] = await tail.says(/^\{"event":"ended".*"status":401.*\}$/m)
  t.match(JSON.parse(refused), { error: 'invalid_api_key' })

  await gateway.server.close()
  await tail.says(/the gateway has gone; trying again/)
  const { port } = new URL(gateway.operatorUrl)
  const next = await startGateway(t, { env: { TOLLGATE_OPERATOR_LISTEN: `127.0.0.1:${port}`, TOLLGATE_ADMIN_KEY: gateway.adminKey } })
  await (await next.fetch('/nowhere')).text()
  await tail.says(/^\{"event":"ended".*"error":"unknown_url".*\}$/m)
})

test('on a terminal: a line for people each, and below them what is in flight', async t => {
  const gateway = await startGateway(t)
  await (await gateway.fetch('/chat/completions', { body: chat() })).text()
  const command = ['exec', process.execPath, ...cliArgs, 'tail'].join(' ')
  const tail = startProcess(t, 'script', ['-qefc', command, '/dev/null'], environmentOf(gateway))
  await tail.says(/proj_default m 200 .*ms.*tok.*\r\n.*0 in flight/)
  t.pass()
})

test('without a gateway, or with a wrong key, it says so and ends', async t => {
  const gateway = await startGateway(t)
  const wrong = await tollgate(t, ['tail'], { ...environmentOf(gateway), TOLLGATE_ADMIN_KEY: 'x'.repeat(40) })
  t.equal(wrong.code, 1)
  t.match(wrong.output, 'Check TOLLGATE_ADMIN_KEY')
  const gone = await tollgate(t, ['tail'], { ...environmentOf(gateway), TOLLGATE_ADMIN_URL: `http://127.0.0.1:${await freePort()}` })
  t.equal(gone.code, 1)
  t.match(gone.output, 'no gateway answers')
})
