import fc from 'fast-check'
import t from 'tap'
import { openDirectory } from '../../src/stores/open.ts'
import { history, live } from './directory-contract/history.ts'
import { startEmptyRedis } from './directory-contract/redis.ts'

const redis = await startEmptyRedis(t)

t.test('a random history gives the same answers and the same audit log in both places', async t => {
  await fc.assert(fc.asyncProperty(history, async steps => {
    const [clock, otherClock] = [{ now: 1000 }, { now: 1000 }]
    const sqlite = await openDirectory('sqlite::memory:', { now: () => clock.now })
    const shared = await redis.openEmpty(otherClock)
    try {
      return t.same(await live(shared, otherClock, steps), await live(sqlite, clock, steps))
    } finally {
      await Promise.all([sqlite.close(), shared.close()])
    }
  }), { numRuns: 60, endOnFailure: true })
})
