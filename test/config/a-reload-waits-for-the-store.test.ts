import { test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { startGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'
import { scrape } from '../helpers/scrape.ts'
import { until } from '../helpers/until.ts'

const file = (team: string, model: string): string => `
projects: { ${team}: {} }
models: { fast: { model: ${model} } }
`

test('a file that is read while Redis is away changes nothing until Redis is back, and then everything', async t => {
  const redis = await startRedis(t, '--appendonly', 'yes', '--appendfsync', 'always')
  const gateway = await startGateway(t, { yaml: file('one', 'gpt-4o'), env: { TOLLGATE_STORE: redis.address } })
  const answeredBy = async (): Promise<string> => {
    const answer = await gateway.fetch('/chat/completions', { body: { model: 'fast', messages: [{ role: 'user', content: 'Hello' }] } })
    return (await answer.json() as { readonly model: string }).model
  }
  const reloads = async (result: string) => (await scrape(gateway.operatorUrl)).value('tollgate_config_reloads_total', { result })
  t.equal(await answeredBy(), 'gpt-4o')

  await redis.kill()
  const folder = t.testdir({ 'tollgate.yaml': file('two', 'gpt-4o-mini') })
  t.equal(await gateway.server.reload(() => loadConfig({ env: {}, cwd: folder })), false)
  t.equal(await reloads('failed'), 1)
  t.equal(await answeredBy(), 'gpt-4o')

  await redis.restart()
  await until(async () => await answeredBy() === 'gpt-4o-mini')
  t.equal(await reloads('ok'), 1)
  const projects = await fetch(`${gateway.operatorUrl}/v1/organization/projects`, { headers: { authorization: `Bearer ${gateway.adminKey}` } })
  t.match((await projects.json() as { readonly data: unknown }).data, [{ name: 'two' }, { name: 'default' }])
})
