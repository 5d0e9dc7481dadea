import t from 'tap'
import { scrape } from '../helpers/scrape.ts'
import { until } from '../helpers/until.ts'
import { startCluster } from './cluster.ts'

t.test('SIGHUP: each worker reads it again', async t => {
  const { gateway, operatorUrl } = await startCluster(t)
  gateway.child.kill('SIGHUP')
  await until(() => gateway.lines.filter(line => line.includes('"configuration reloaded"')).length === 2)
  t.equal((await scrape(operatorUrl)).value('tollgate_config_reloads_total', { result: 'ok' }), 2)
})
