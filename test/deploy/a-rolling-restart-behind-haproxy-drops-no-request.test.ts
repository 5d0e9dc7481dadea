import { test } from 'tap'
import { killedReplica, rollingRestarts } from './drills.ts'
import { startSite } from './site.ts'

// `npm run cluster:local` does the same at 200 requests a second, ten times.
test('two replicas behind HAProxy: restarted in turn under load, then one is killed', async t => {
  const site = await startSite(t)
  const restarts = await rollingRestarts(site, { rounds: 1, rate: 30 })
  t.same(restarts.faults, [])
  t.ok(restarts.streams > 50)
  const killed = await killedReplica(site, { rate: 30 })
  t.same(killed.faults, [])
  t.ok(killed.failed > 0, 'what it was answering is lost')
})
