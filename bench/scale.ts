/**
 * `npm run bench:scale`: whether a request costs the same when there is much: beside a new gateway runs one with 10,000 projects and a
 * ledger of a million rows; then as many streams are opened as the machine lets one process have.
 */
import { execFileSync } from 'node:child_process'
import { randomUUIDv7 } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureSystemPackages } from '../scripts/system-packages.ts'
import { rowTail, rowText } from '../src/metering/row.ts'
import { openDirectory, openLedger } from '../src/stores/open.ts'
import { load } from './load/wrk.ts'
import { moveToLoadCore } from './machine.ts'
import { lowerQuartile, median } from './measure/quantile.ts'
import { table } from './report/table.ts'
import { interleave } from './rounds.ts'
import { buildStand } from './stand/stand.ts'
import type { Stand } from './stand/stand.ts'
import { gatewayTarget } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import { footprint } from './waiting.ts'
import { jsonWork } from './works.ts'

const { values: options } = parseArgs({
  options: {
    projects: { type: 'string', default: '10000' },
    rows: { type: 'string', default: '1000000' },
    streams: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '15' }
  }
})

const bench = { type: 'command_line', id: 'bench', address: null } as const
const rowsAtOnce = 10_000
/** Files that a gateway has open besides a stream's two sockets. */
const otherFiles = 500

ensureSystemPackages(['nginx', 'wrk', 'redis'])
moveToLoadCore()
const stand = await buildStand(['sqlite'])
try {
  const fresh = gatewayTarget('sqlite', await stand.start('sqlite'), 'new')
  const full = gatewayTarget('sqlite', await startFull(stand), 'full')
  console.log(await compare(stand, fresh, full))
  const streams = Math.min(Number(options.streams), Math.floor((openFilesLimit() - otherFiles) / 2))
  const { idle, steady, perStream, recovered } = await footprint(stand, 'sqlite', { streams, holdMs: 15_000 })
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
  console.log(`\n${streams} open streams: ${megabytes(idle)} MB → ${megabytes(steady)} MB → ${megabytes(recovered)} MB, ${(perStream / 1024).toFixed(0)} KB a stream`)
} finally {
  await stand.close()
}

/** A gateway over a store that has been in use for long. */
async function startFull (stand: Stand) {
  const folder = join(stand.folder, 'full')
  mkdirSync(folder)
  const store = `sqlite:${join(folder, 'tollgate.db')}`
  await fillDirectory(store, Number(options.projects))
  await fillLedger(store, folder, Number(options.rows))
  return await stand.start('sqlite', { folder, store })
}

async function fillDirectory (store: string, projects: number): Promise<void> {
  const directory = await openDirectory(store)
  for (let index = 0; index < projects; index++) await directory.projects.create({ id: `proj_${index}`, name: `team ${index}` }, bench)
  await directory.close()
}

async function fillLedger (store: string, folder: string, rows: number): Promise<void> {
  const ledger = await openLedger(store, { timeZone: 'UTC', durability: 'process', folder, onEvent: () => {} })
  const usage = { inputTokens: 57, cachedInputTokens: 0, cacheWriteTokens: 0, audioInputTokens: 0, outputTokens: 41, reasoningTokens: 0, audioOutputTokens: 0, costNanoUsd: null }
  const outcome = { usage, costNanoUsd: 552_500, source: 'provider', status: '200' } as const
  const period = new Date().toISOString().slice(0, 7)
  for (let from = 1; from <= rows; from += rowsAtOnce) {
    const texts = Array.from({ length: Math.min(rowsAtOnce, rows - from + 1) }, (_, index) => {
      const row = { rid: randomUUIDv7(), period, keyId: `key${index % 100}`, model: 'gpt-4o', endpoint: 'chat.completions' } as const
      return rowText(from + index, Date.now(), rowTail('settled', row, outcome))
    })
    await ledger.records.restore('proj_wide', texts)
  }
  await ledger.close()
}

async function compare ({ yardstick }: Stand, fresh: Target, full: Target): Promise<string> {
  const targets = [fresh, full]
  for (const target of targets) await load(target, target.requestFor(jsonWork), { inFlight: 64, ms: 4_000 })
  const readings = (await interleave([jsonWork], [yardstick, ...targets], { rounds: Number(options.rounds), ms: 500, onRound: () => {} })).get(jsonWork)
  const times = (target: Target): number[] => readings?.get(target)?.map(({ cpu }) => cpu) ?? []
  const first = times(fresh)
  return table(['a request costs', 'µs, lower quartile', 'median', '× new'], targets.map(target => [
    target === fresh ? 'a new gateway' : `one with ${options.projects} projects and ${options.rows} rows`,
    lowerQuartile(times(target)).toFixed(1),
    median(times(target)).toFixed(1),
    median(times(target).map((time, round) => time / (first[round] ?? NaN))).toFixed(2)
  ]))
}

function openFilesLimit (): number {
  return Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }))
}
