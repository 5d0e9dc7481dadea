import t from 'tap'
import type { Test } from 'tap'
import { Redis } from 'ioredis'
import { openDirectory } from '../../src/stores/open.ts'
import type { Directory } from '../../src/stores/directory.ts'
import { startRedis } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'
import { admin, keyOf, seedOf, withProject } from './directory-contract/fixture.ts'

const unavailable = { message: 'the directory did not answer' }

async function open (t: Test, { address }: TestRedis): Promise<Directory> {
  const directory = await openDirectory(address)
  t.teardown(() => directory.close())
  return directory
}

/** Asks until there is an answer. */
function answers (ask: () => Promise<unknown>): Promise<void> {
  return until(() => ask().then(() => true, () => false))
}

t.test('a directory opens while Redis is away, and works once it is there', async t => {
  const redis = await startRedis(t)
  await redis.kill()
  const directory = await open(t, redis)
  await t.rejects(directory.credential('k1'), unavailable)
  await t.rejects(directory.projects.create({ id: 'p1', name: 'x' }, admin), unavailable)
  await redis.restart()
  await answers(() => directory.projects.create({ id: 'p1', name: 'x' }, admin))
  t.match(await directory.projects.get('p1'), { name: 'x' })
})

t.test('while Redis is down or hangs every call says "unavailable", and works again after', async t => {
  const redis = await startRedis(t, '--appendonly', 'yes', '--appendfsync', 'always')
  const directory = await withProject(await open(t, redis))
  await directory.setUp(seedOf('mark'), admin)
  await directory.keys.create(keyOf('p1', 'a1', 'k1'), admin)
  const calls: Array<() => Promise<unknown>> = [
    () => directory.credential('k1'),
    () => directory.credential('nobody'),
    () => directory.keyDigest('nobody'),
    () => directory.keys.list('p1', { limit: 1, order: 'asc' }),
    () => directory.projects.update('p1', () => ({ name: 'y' }), admin),
    () => directory.declared.diff({ organization: null, projects: [], serviceAccounts: [], keys: [] }),
    () => directory.owners.record('resp_1', { projectId: 'p1', upstream: 'u' }, 100),
    () => directory.keys.lastUsedAt(['k1'])
  ]
  redis.process.kill('SIGSTOP')
  for (const call of calls) await t.rejects(call(), unavailable)
  redis.process.kill('SIGCONT')
  await answers(() => directory.credential('k1'))
  await redis.kill()
  for (const call of calls) await t.rejects(call(), unavailable)
  await redis.restart()
  await answers(() => directory.credential('k1'))
  t.match(await directory.credential('k1'), { key: { id: 'k1' } })
  t.equal(await directory.credential('nobody'), null)
})

t.test('a Redis that came back empty knows no keys, which is not the callers\' fault', async t => {
  const redis = await startRedis(t)
  const directory = await open(t, redis)
  await directory.setUp(seedOf('mark'), admin)
  t.equal(await directory.credential('k1'), null)
  await redis.restart()
  await t.rejects(directory.credential('k1'), unavailable)
})

t.test('closing does not need Redis', async t => {
  const redis = await startRedis(t)
  const directory = await openDirectory(redis.address)
  directory.keys.noteUse('k1')
  await redis.kill()
  await t.resolves(directory.close())
})

t.test('in a Redis Cluster every transaction stays in one slot', async t => {
  const redis = await startRedis(t, '--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1')
  const node = new Redis({ port: redis.port })
  t.teardown(() => node.disconnect())
  await node.cluster('ADDSLOTSRANGE', 0, 16383)
  await until(async () => String(await node.cluster('INFO')).includes('cluster_state:ok'))
  const directory = await openDirectory(redis.address.replace('redis://', 'redis+cluster://'))
  t.teardown(() => directory.close())
  await answers(() => directory.setUp(seedOf('mark'), admin))
  await withProject(directory)
  await directory.keys.create(keyOf('p1', 'a1', 'k1'), admin)
  await directory.keys.revoke('k1', admin)
  await directory.owners.record('resp_1', { projectId: 'p1', upstream: 'u' }, 100)
  t.match(await directory.credential('k1'), { project: { id: 'p1' } })
  t.match(await directory.owners.get('resp_1'), { projectId: 'p1' })
})
