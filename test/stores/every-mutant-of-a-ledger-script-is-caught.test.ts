import fc from 'fast-check'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { ledgerScripts, readScripts, scriptText } from '../../src/stores/redis/ledger-scripts.ts'
import type { ScriptTexts } from '../../src/stores/redis/ledger-scripts.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { mutantsOf } from '../helpers/lua-mutants.ts'
import { startRedis } from '../helpers/redis.ts'
import { TestClock } from './ledger-scene.ts'
import { histories, play, ridsOf } from './ledger-history.ts'
import type { Step } from './ledger-history.ts'
import { openRedisLedger } from './redis-ledger.ts'
import { probeScripts } from './redis-ledger-probes.ts'

/** Changes that nothing can see, and why. */
const invisible = new Map<string, string>([
  ['if actual > reserved then  →  if actual >= reserved then', 'what was used exactly as reserved moves the bucket by nothing, either way']
])

t.setTimeout(300_000)
const redis = await startRedis(t)
const startMs = new TestClock().ms

interface Recorded {
  readonly history: readonly Step[]
  readonly rids: string[]
  readonly answers: readonly unknown[]
}

const recorded = await record(fc.sample(histories, { numRuns: 12, seed: 20261122 }))
const expectedProbe = await probeScripts(redis, readScripts())

async function record (samples: readonly (readonly Step[])[]): Promise<Recorded[]> {
  const folder = t.testdir()
  const all: Recorded[] = []
  for (const history of samples) {
    const clock = clockAtStart()
    const path = join(mkdtempSync(join(folder, 'ledger-')), 'ledger.db')
    const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process', clock: clock.micros })
    const rids: string[] = []
    all.push({ history, rids, answers: await play(ledger, clock, history, ridsOf(clock, rids)) })
    await ledger.close()
  }
  return all
}

function clockAtStart (): TestClock {
  const clock = new TestClock()
  clock.ms = startMs
  return clock
}

/** Whether the scripts answer otherwise than SQLite does, or fail, anywhere. */
async function isCaught (scripts: ScriptTexts): Promise<boolean> {
  const probed = await probeScripts(redis, scripts).catch(() => null)
  if (!isDeepStrictEqual(probed, expectedProbe)) return true
  for (const one of recorded) {
    if (await differs(scripts, one)) return true
  }
  return false
}

async function differs (scripts: ScriptTexts, { history, rids, answers }: Recorded): Promise<boolean> {
  const clock = clockAtStart()
  const ledger = await openRedisLedger(redis, clock, { scripts })
  try {
    return !isDeepStrictEqual(await play(ledger, clock, history, ridsOf(clock, rids)), answers)
  } catch {
    return true
  } finally {
    await ledger.close()
  }
}

void t.test('the scripts as they are answer as SQLite does', async t => {
  t.notOk(await isCaught(readScripts()))
})

for (const file of ['common', ...ledgerScripts] as const) {
  void t.test(`ledger-${file}.lua`, async t => {
    const original = scriptText(file)
    for (const { name, text } of mutantsOf(original)) {
      if (invisible.has(name)) continue
      t.ok(await isCaught(readScripts({ [file]: text })), name)
    }
  })
}
