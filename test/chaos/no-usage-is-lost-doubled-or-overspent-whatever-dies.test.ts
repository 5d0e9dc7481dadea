import t from 'tap'
import { run } from './run.ts'
import { failOver, killRedis, killReplicas, loseReplies } from './scenarios.ts'

/** Requests a second. `npm run chaos` plays all scenarios, each by itself and harder. */
const rate = 50

t.test('a killed replica during a lagging failover, then lost replies, then a killed Redis', async t => {
  const { figures, faults } = await run(t, {
    name: 'everything',
    play: async (stand, load) => {
      await Promise.all([killReplicas(1)(stand, load), failOver(stand, load)])
      await loseReplies(3)(stand, load)
      await killRedis(1)(stand, load)
    }
  }, rate)
  t.same(faults, [])
  t.match(figures, { lost: 0, doubled: 0, overspent: 0 })
  t.ok(figures.exact > 100, `${figures.exact}`)
})
