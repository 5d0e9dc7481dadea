import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { parseRedisAddress } from '../../src/stores/redis/address.ts'
import { connectRedis } from '../../src/stores/redis/client.ts'
import { freePort } from '../helpers/ports.ts'
import { startRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'

test('every form of address is read', async t => {
  const plain = { kind: 'single', nodes: [{ host: 'localhost', port: 6379 }], master: '', tls: false, username: null, password: null, database: 0 }
  t.same(parseRedisAddress('redis://localhost'), plain)
  t.same(parseRedisAddress('rediss://me:p%40ss@[::1]:7000/3'), {
    ...plain, nodes: [{ host: '::1', port: 7000 }], tls: true, username: 'me', password: 'p@ss', database: 3
  })
  t.same(parseRedisAddress('redis://:secret@host/'), { ...plain, nodes: [{ host: 'host', port: 6379 }], password: 'secret' })
  t.same(parseRedisAddress('redis+sentinel://:pw@a,b:26380/mymaster/2'), {
    ...plain, kind: 'sentinel', nodes: [{ host: 'a', port: 26379 }, { host: 'b', port: 26380 }], master: 'mymaster', password: 'pw', database: 2
  })
  t.same(parseRedisAddress('redis+cluster://a:1,b:2?tls=true'), {
    ...plain, kind: 'cluster', nodes: [{ host: 'a', port: 1 }, { host: 'b', port: 2 }], tls: true
  })
})

test('what is no address is refused without repeating it', async t => {
  for (const address of ['http://secret@host', 'redis://', 'redis://h:port', 'redis://host/x', 'redis+sentinel://secret@host']) {
    t.throws(() => parseRedisAddress(address), TypeError, address)
    t.throws(() => parseRedisAddress(address), { message: /^(?!.*secret)/ })
  }
})

test('through a sentinel the master is found', async t => {
  const redis = await startRedis(t)
  const port = await freePort()
  const folder = t.testdir()
  writeFileSync(join(folder, 'sentinel.conf'), `port ${port}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 ${redis.port} 1\n`)
  const sentinel = spawn('redis-server', [join(folder, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' })
  t.teardown(async () => {
    sentinel.kill('SIGKILL')
    await once(sentinel, 'exit')
  })
  const client = connectRedis(`redis+sentinel://127.0.0.1:${port}/mymaster`, { name: 'test', commandTimeout: 1000, onError: () => {} })
  t.teardown(() => { client.disconnect() })
  await until(() => client.status === 'ready')
  t.match(await client.info('server'), `tcp_port:${redis.port}`)
})
