import { test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { mintAdminKey, mintKey, redactKey } from '../../src/keys/key.ts'
import { createLogger } from '../../src/logger.ts'
import type { Log } from '../../src/logger.ts'
import { chat, sendJson, startProvider } from '../helpers/provider.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'

const upstreamKey = 'aiml"live\\0123456789'

async function collect (): Promise<{ log: Log, lines: string[] }> {
  const lines: string[] = []
  const env = {
    AIMLAPI_API_KEY: upstreamKey,
    TOLLGATE_PEPPER: 'pepper-that-nobody-knows-1',
    TOLLGATE_STORE: 'redis://user:p%40ss-word@127.0.0.1:6379',
    LOG_LEVEL: 'trace'
  }
  const config = await loadConfig({ env, cwd: import.meta.dirname })
  return { log: createLogger(config, { write: line => { lines.push(line) }, flushSync: () => {} }), lines }
}

const key = mintKey().token
const adminKey = mintAdminKey().token
const secrets = [key, adminKey, upstreamKey, 'pepper-that-nobody-knows-1', 'p%40ss-word', 'p@ss-word', 'sk-proj-4711471147114711']

test('secrets go from messages, fields, errors, their causes and whatever hangs on them, at every level', async t => {
  const { log: { logger }, lines } = await collect()
  for (const secret of secrets) {
    const cause = Object.assign(new Error(`cause with ${secret}`), { config: { headers: { authorization: secret } } })
    const error = new Error(`message with ${secret}`, { cause })
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) {
      logger[level]({ err: error, deep: { list: [`a=${secret};`, secret] } }, `said ${secret}`)
    }
    logger.child({ bound: secret }).info({ headers: { authorization: `Bearer ${secret}` } }, 'child')
  }
  t.equal(lines.length, secrets.length * 7)
  for (const line of lines) {
    JSON.parse(line)
    for (const secret of secrets) t.notOk(line.includes(JSON.stringify(secret).slice(1, -1)), `not ${secret}`)
  }
})

test('a damaged key goes too, and the redacted form of one stays', async t => {
  const { log: { logger }, lines } = await collect()
  logger.info(`Bearer x${key.slice(0, 40)}, ${redactKey(key)} and ${redactKey(adminKey)}`)
  t.equal(JSON.parse(lines[0] ?? '').msg, `Bearer xsk-tg_***, ${redactKey(key)} and ${redactKey(adminKey)}`)
})

test('what is no secret stays as it is', async t => {
  const { log: { logger }, lines } = await collect()
  logger.info({ model: 'sk-1', task: 'risk-assessment', id: 'sk-' }, 'a desk-top')
  t.match(JSON.parse(lines[0] ?? ''), { model: 'sk-1', task: 'risk-assessment', id: 'sk-', msg: 'a desk-top' })
})

test('a whole gateway writes no key, whatever it is sent', async t => {
  const provider = await startProvider(t, ({ response, headers }) => {
    sendJson(response, { error: { message: `bad key ${headers.authorization}` } }, 500)
  })
  const { gateway, publicUrl, operatorUrl } = await startGatewayProcess(t, { env: { AIMLAPI_API_KEY: 'aiml-live-0123456789', AIMLAPI_BASE_URL: provider.url, LOG_LEVEL: 'trace' } })
  const post = async (path: string, bearer: string): Promise<void> => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'x-also': bearer }
    await (await fetch(publicUrl + path, { method: 'POST', headers, body: JSON.stringify(chat({ user: bearer })) })).text()
  }
  await post('/v1/chat/completions', gateway.key)
  await post(`/v1/${gateway.key}?key=${gateway.adminKey}`, gateway.adminKey)
  await post('/v1/chat/completions', 'sk-proj-4711471147114711')
  await (await fetch(`${operatorUrl}/${gateway.adminKey}`)).text()
  await gateway.line(({ error }) => error === 'upstream_error')
  gateway.child.kill('SIGTERM')
  await gateway.exited
  const everything = gateway.lines.join('\n') + gateway.complaints
  for (const secret of [gateway.key, gateway.adminKey, 'aiml-live-0123456789', 'sk-proj-4711471147114711', 'a pepper for tests only']) {
    t.notOk(everything.includes(secret), `not ${secret}`)
  }
})
