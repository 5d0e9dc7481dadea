import t from 'tap'
import { directoryContract } from './directory-contract.ts'
import { startEmptyRedis } from './directory-contract/redis.ts'

const redis = await startEmptyRedis(t)

directoryContract(t, async (t, clock) => {
  const directory = await redis.openEmpty(clock)
  t.teardown(() => directory.close())
  return directory
})

t.test('an owner is forgotten when its time is over', async t => {
  const directory = await redis.openEmpty({ now: 1000 })
  t.teardown(() => directory.close())
  await directory.owners.record('resp_1', { projectId: 'p1', upstream: 'u' }, 100)
  t.equal(await redis.admin.ttl('tg:owner:resp_1'), 100)
})
