import { Redis } from 'ioredis'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'tap'
import type { Test } from 'tap'
import { exportLines } from '../../src/stores/ledger-lines.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { openRecords } from '../../src/stores/open-records.ts'
import { openLedger } from '../../src/stores/open.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { aRequest, anOutcome, ridAt } from '../helpers/metering.ts'
import { startRedis } from '../helpers/redis.ts'
import { tollgate } from './command.ts'
import type { Ended } from './command.ts'

/** A store, and hands that reach into it. */
interface Place {
  readonly store: string
  /** Of the test's own. */
  readonly folder: string
  /** Changes the second row, a sum, and what the month has cost. */
  alter (): Promise<void>
  wipe (): Promise<void>
}

const dayMs = 86_400_000

function sqlitePlace (t: Test): Place {
  const folder = t.testdir()
  const path = join(folder, 'tollgate.db')
  return {
    store: `sqlite:${path}`,
    folder,
    async alter () {
      const db = new DatabaseSync(path)
      db.exec("UPDATE ledger_rows SET text = replace(text, ',400]', ',40]') WHERE seq = 2; UPDATE ledger_hours SET output_tokens = output_tokens + 1")
      db.exec("UPDATE ledger_spends SET spent = spent - 1 WHERE spender = ''")
      db.close()
    },
    async wipe () {
      for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(path + suffix, { force: true })
    }
  }
}

async function redisPlace (t: Test): Promise<Place> {
  const redis = await startRedis(t)
  const client = new Redis(redis.port)
  t.teardown(() => { client.disconnect() })
  const keyLike = async (pattern: string): Promise<string> => (await client.keys(pattern))[0] ?? ''
  return {
    store: redis.address,
    folder: t.testdir(),
    async alter () {
      const rows = await client.xrange('tg:{proj_a}:ledger', '-', '+')
      await client.del('tg:{proj_a}:ledger')
      for (const [id, [name = '', text = '', ...check]] of rows) await client.xadd('tg:{proj_a}:ledger', id, name, id === '2-0' ? text.replace(',400]', ',40]') : text, ...check)
      const day = await keyLike('tg:{proj_a}:day:*')
      await client.hincrby(day, (await client.hkeys(day)).find(field => field.includes('|6|')) ?? '', 1)
      await client.hincrby(await keyLike('tg:{proj_a}:spend:*'), 'spent:', -1)
    },
    async wipe () { await client.flushall() }
  }
}

/** The ledger as a gateway has it open. */
async function serve ({ store, folder }: Place): Promise<Ledger> {
  return await openLedger(store, { timeZone: 'UTC', durability: 'process', folder, onEvent: () => {} })
}

async function write (ledger: Ledger, nowMs = Date.now()): Promise<void> {
  for (const cost of [100, 400, null]) {
    const admission = await ledger.admit(aRequest(ridAt(nowMs)))
    if (admission.admitted && admission.reservation !== null) await ledger.settle(admission.reservation, anOutcome(10, 20, cost))
  }
}

async function run (t: Test, store: string, ...args: readonly string[]): Promise<Ended> {
  return await tollgate(t, ['ledger', ...args], { TOLLGATE_STORE: store })
}

async function rowsIn (store: string): Promise<string[]> {
  const opened = await openRecords(store, 'UTC')
  const lines: string[] = []
  for await (const line of exportLines(opened.records)) lines.push(line)
  await opened.close()
  return lines
}

for (const [name, open] of [['SQLite', sqlitePlace], ['Redis', redisPlace]] as const) {
  test(`${name}: what was altered is named, with exit code 1`, async t => {
    const place = await open(t)
    const { store, alter } = place
    const ledger = await serve(place)
    await write(ledger)
    await ledger.close()
    await alter()
    const { code, output } = await run(t, store, 'verify')
    t.equal(code, 1)
    t.match(output, /^proj_a row 2: found \[2,.*,40\], expected /m)
    t.match(output, /^proj_a aggregate \S+:00:00\.000Z chat\.completions key_a gpt-5 outputTokens: found 61, /m)
    t.match(output, /^proj_a spend \d{4}-\d\d of the project: found 499, /m)
  })

  test(`${name}: export, wipe, restore: verified clean, and every row is as it was`, async t => {
    const place = await open(t)
    const { store, folder, wipe } = place
    const ledger = await serve(place)
    await write(ledger)
    // As a gateway does every 5 s.
    await ledger.reap()
    const file = join(folder, 'ledger.jsonl')
    t.same(await run(t, store, 'export', file), { code: 0, output: '' }, 'while a gateway serves from it')
    await ledger.close()
    const before = await rowsIn(store)
    t.equal(readFileSync(file, 'utf8'), before.join(''))
    await wipe()
    t.same(await run(t, store, 'restore', file), { code: 0, output: '3 rows, 0 of them were still there\n' })
    t.same(await run(t, store, 'verify'), { code: 0, output: '1 projects, 3 rows, no differences\n' })
    t.same(await rowsIn(store), before)
  })
}

test('days that are over are archived, trimmed, proven and restored', async t => {
  const { store, folder, wipe } = sqlitePlace(t)
  const [twoDaysAgo, archive] = [Date.now() - 2 * dayMs, join(folder, 'archive')]
  const ledger = new SqliteLedger({ path: join(folder, 'tollgate.db'), timeZone: 'UTC', durability: 'process', clock: () => twoDaysAgo * 1000 })
  await write(ledger, twoDaysAgo)
  await ledger.close()
  t.same(await run(t, store, 'export'), { code: 0, output: (await rowsIn(store)).join('') })
  const file = join(archive, `ledger-${new Date(twoDaysAgo).toISOString().slice(0, 10)}.jsonl`)
  t.same(await run(t, store, 'archive', archive, '--trim'), { code: 0, output: `${file}\n1 days, 3 rows\n` })
  t.same(await rowsIn(store), [])
  t.match(await run(t, store, 'verify'), { code: 1, output: /^archived rows were trimmed\. Name the folder/ })
  t.same(JSON.parse((await run(t, store, 'verify', '--archive', archive, '--json')).output), { projects: 1, rows: 3, differences: [] })
  await wipe()
  t.same(await run(t, store, 'restore', archive), { code: 0, output: '3 rows, 0 of them were still there\n' })
  t.equal((await rowsIn(store)).length, 3)
})

test('what cannot be done says why', async t => {
  const place = sqlitePlace(t)
  const { store, folder } = place
  t.match(await run(t, store, 'verify'), { code: 1, output: /^the ledger cannot be read \(there is no file .*tollgate doctor$/m })
  const ledger = await serve(place)
  writeFileSync(join(folder, 'other.jsonl'), 'not a row\n')
  t.same(await run(t, store, 'restore', join(folder, 'other.jsonl')), { code: 1, output: 'a gateway has the ledger open. Stop it first\n' })
  await ledger.close()
  t.same(await run(t, store, 'restore', join(folder, 'other.jsonl')), { code: 1, output: 'other.jsonl:1: the line is no row of an export\n' })
  t.match(await run(t, store, 'restore', join(folder, 'none.jsonl')), { code: 1, output: /^ENOENT/ })
  t.match(await run(t, 'redis://127.0.0.1:1', 'verify'), { code: 1, output: /^the ledger cannot be read \(ECONNREFUSED\)/ })
  t.match(await run(t, store, 'accept-loss'), { code: 1, output: /nothing to accept/ })
})
