/**
 * `npm run bench:scale`: whether a request costs the same when there is much: beside a new gateway runs one with 10,000 projects and a
 * ledger of a million rows; then as many streams are opened as the machine lets one process have.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUIDv7 } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rowTail, rowText } from '../src/metering/row.ts'
import { openDirectory, openLedger } from '../src/stores/open.ts'
import { Failures } from './failures.ts'
import { load } from './load/wrk.ts'
import { prepareMachine } from './machine.ts'
import { cpu, instructions, over, seriesOf, span } from './report/series.ts'
import { table } from './report/table.ts'
import { inFlight, interleave } from './rounds.ts'
import { healthProbe, wideProject } from './stand/gateway.ts'
import type { Gateway } from './stand/gateway.ts'
import { buildStand } from './stand/stand.ts'
import type { Stand } from './stand/stand.ts'
import { gatewayTarget, requestOf } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import { footprint, timedStart } from './waiting.ts'
import { jsonWork } from './works.ts'

const { values: options } = parseArgs({
  options: {
    projects: { type: 'string', default: '10000' },
    rows: { type: 'string', default: '1000000' },
    streams: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '40' }
  }
})

const bench = { type: 'command_line', id: 'bench', address: null } as const
const rowsAtOnce = 10_000
/** Files that a gateway has open besides a stream's two sockets. */
const otherFiles = 500

prepareMachine()
allowOpenFiles(2 * Number(options.streams) + otherFiles)
const stand = await buildStand(['sqlite'])
try {
  const fresh = gatewayTarget(await stand.start('sqlite', { preloads: [healthProbe] }), 'new')
  const full = gatewayTarget(await startFull(stand), 'full')
  console.log(await compare(stand, fresh, full))
  const streams = Math.min(Number(options.streams), Math.floor((openFilesLimit() - otherFiles) / 2))
  const { idle, steady, perStream, recovered, eventCpu } = await footprint(stand, await timedStart(stand, 'sqlite'), { streams, holdMs: 20_000, restMs: 3_000 })
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
  console.log(`\n${streams} open streams: ${megabytes(idle)} MB → ${megabytes(steady)} MB → ${megabytes(recovered)} MB, ${(perStream / 1024).toFixed(0)} KB a stream; ${eventCpu.toFixed(1)} µs CPU an event`)
} finally {
  await stand.close()
}

/** A gateway over a store that has been in use for long. */
async function startFull (stand: Stand): Promise<Gateway> {
  const folder = join(stand.folder, 'full')
  mkdirSync(folder)
  const store = `sqlite:${join(folder, 'tollgate.db')}`
  await fillDirectory(store, Number(options.projects))
  await fillLedger(store, folder, Number(options.rows))
  return await stand.start('sqlite', { folder, store, preloads: [healthProbe] })
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
    await ledger.records.restore(wideProject, texts)
  }
  await ledger.close()
}

/** In turns, and within each turn one over the other: the machine's moods meet both. */
async function compare (stand: Stand, fresh: Target, full: Target): Promise<string> {
  for (const target of [fresh, full]) await load(target, requestOf(target, jsonWork), { inFlight, ms: 8_000 })
  const failures = new Failures()
  const readings = await interleave(stand, new Map([[jsonWork, [fresh, full]]]), {
    rounds: Number(options.rounds), budgetMs: 120_000, ms: 400, onFailure: error => failures.add(error)
  })
  const line = (name: string, figure: typeof cpu): string[] => {
    const one = seriesOf(readings, jsonWork, fresh, figure)
    const other = seriesOf(readings, jsonWork, full, figure)
    return [name, span(one, 1), span(other, 1), span(over(other, one), 3)]
  }
  return table(['a request', 'new', 'with much', 'with much ÷ new'], [line('µs CPU', cpu), line('k instructions', instructions)])
}

/** Who may, raises the limit for itself and all that it starts; who may not, opens fewer streams. */
function allowOpenFiles (count: number): void {
  if (openFilesLimit() < count) spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${count}:${count}`])
}

function openFilesLimit (): number {
  return Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }))
}
