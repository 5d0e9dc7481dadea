import fc from 'fast-check'
import { test } from 'tap'
import { readStore } from '../../src/config/notation.ts'
import { parseRedisAddress } from '../../src/stores/redis/address.ts'

const good = [
  'redis://localhost', 'redis://localhost:6379', 'redis://localhost:6379/0', 'redis://localhost/', 'redis://[::1]:6379/2', 'rediss://user:p%40ss@redis.example:6379/1', 'redis://:secret@10.0.0.1',
  'redis+sentinel://:pw@a,b:26380/mymaster/2', 'redis+sentinel://a/main', 'redis+cluster://a:1,b:2?tls=true', 'redis+cluster://a:1/'
]
const bad = ['redis://', 'redis://h:x/0', 'redis://h:6379/zero', 'redis://a,/0', 'redis://:p%ss@h', 'redis://:p/ss@h', 'redis://:p@ss@h', 'redis+sentinel://a,b', 'redis+sentinel://a/', 'redis+cluster://a:1,:2', 'redis://a b', 'redis://host?@,', 'redis://[a/b]']

test('good addresses are taken', t => {
  for (const address of good) {
    t.equal(readStore(address), address)
    t.doesNotThrow(() => parseRedisAddress(address), address)
  }
  t.end()
})

test('bad ones are refused without being repeated', t => {
  for (const address of bad) t.throws(() => readStore(address), { message: /^must be [^!]*$/ }, address)
  t.end()
})

test('whatever is taken can be read', t => {
  const pieces = fc.constantFrom('redis', 'rediss', '+sentinel', '+cluster', '://', ':', '@', '/', '?', ',', '%', '%40', '[', ']', '::1', 'a', 'host', '6379', '0', 'tls=true', ' ')
  fc.assert(fc.property(fc.array(pieces, { maxLength: 12 }), parts => {
    const address = `redis${parts.join('')}`
    try {
      readStore(address)
    } catch {
      return
    }
    parseRedisAddress(address)
  }), { numRuns: 20000 })
  t.end()
})
