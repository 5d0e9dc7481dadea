import { Pool } from 'undici'
import { test } from 'tap'
import type { Test } from 'tap'
import { mintKey } from '../../src/keys/key.ts'
import { startRedis } from '../helpers/redis.ts'
import { askWith, createKey, startKeyListener, withOtherSecret } from './key-listener.ts'

/** Of each kind, in one round. */
const requests = 10_000
/** Other work on the machine adds to any one request. A difference that is the gateway's own shows in every round, noise does not. */
const rounds = 3
const allowed = 0.05

test('keys in SQLite', async t => { await compare(t, 'sqlite::memory:') })

test('keys in Redis', async t => { await compare(t, (await startRedis(t)).address) })

/** Medians over ten thousand of each, one after the other over one connection. */
async function compare (t: Test, store: string): Promise<void> {
  const listener = await startKeyListener(t, { quiet: true, store, yaml: 'door: { max: 1000000 }' })
  t.equal((await askWith(listener, listener.key)).status, 200, 'one that is in use, so that it is remembered')
  const unused = await createKey(listener.directory)
  const pool = new Pool(listener.url, { connections: 1 })
  t.teardown(async () => { await pool.close() })
  const timed = async (token: string): Promise<number> => {
    const start = performance.now()
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/v1/models', headers: { authorization: `Bearer ${token}` } })
    await body.dump()
    // A busy machine may keep the gateway from hearing of its store in time.
    if (statusCode === 503) return await timed(token)
    if (statusCode !== 401) t.fail(`answered with ${statusCode}`)
    return performance.now() - start
  }

  for (const { token, kind } of [{ token: listener.key, kind: 'a key in use' }, { token: unused.token, kind: 'a key that was never used' }]) {
    const differences: number[] = []
    while (differences.length < rounds && !differences.some(difference => difference < allowed)) {
      const [wrongSecret, unknownId] = await alternately(() => timed(withOtherSecret(token)), () => timed(mintKey().token))
      differences.push(Math.abs(medianOf(wrongSecret) / medianOf(unknownId) - 1))
    }
    t.ok(differences.some(difference => difference < allowed), `${kind}: ${differences.join(', ')}`)
  }
}

/** The times of both, each going first as often as the other. */
async function alternately (one: () => Promise<number>, other: () => Promise<number>): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []]
  for (let turn = 0; turn < requests; turn++) {
    if (turn % 2 === 0) times[0].push(await one())
    times[1].push(await other())
    if (turn % 2 === 1) times[0].push(await one())
  }
  return times
}

function medianOf (times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[times.length >> 1] ?? Number.NaN
}
