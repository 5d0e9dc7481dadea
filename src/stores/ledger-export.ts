import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { archiveLine, ArchiveError, chainStart, readArchiveLine } from '../metering/archive.ts'
import type { ArchivedRow } from '../metering/archive.ts'
import { parseRow, rowTail, rowText } from '../metering/row.ts'
import type { LedgerRow } from '../metering/row.ts'
import { dayMs, floorTo } from '../metering/usage.ts'
import type { Ledger, LedgerRecords } from './ledger.ts'
import { firstOf } from './first-of.ts'

export interface ExportReport {
  /** Files written, in their order. */
  readonly files: readonly string[]
  readonly rows: number
}

const fileShape = /^ledger-(\d{4}-\d{2}-\d{2})\.jsonl$/
/** Rows restored in one call. */
const restoredAtOnce = 500

/**
 * Writes every row that no export holds yet into files of one UTC day each, days that are over only. A file is complete or not there;
 * each line carries the SHA-256 of all before it, over all files. What is exported may be trimmed (`trimExported`).
 * Rejects with ArchiveError when what is in the folder is not what was written there.
 */
export async function exportLedger (records: LedgerRecords, folder: string): Promise<ExportReport> {
  await mkdir(folder, { recursive: true })
  let chain = await catchUp(records, folder)
  const today = floorTo(await records.now(), dayMs)
  const files: string[] = []
  let rows = 0
  for (let day = await oldestDay(records); day !== null && day < today; day = await oldestDay(records)) {
    const written = await writeDay(records, folder, day, chain)
    chain = written.chain
    files.push(written.file)
    rows += written.rows
  }
  return { files, rows }
}

/** Drops from the store what exports hold. Sums and spend stay. */
export async function trimExported (records: LedgerRecords): Promise<void> {
  for (const projectId of await records.projectIds()) await records.trim(projectId, await records.exported(projectId))
}

/** Every row of every file of a folder, in the order in which they were written. Throws ArchiveError at the first line that is not as it was written. */
export async function * archivedRows (folder: string): AsyncGenerator<ArchivedRow & { readonly chain: string }, void> {
  let previous = chainStart
  for (const name of await exportFiles(folder)) {
    let number = 0
    for await (const line of linesOf(join(folder, name))) {
      number++
      try {
        const row = readArchiveLine(line, previous)
        previous = row.chain
        yield row
      } catch (error) {
        throw error instanceof ArchiveError ? new ArchiveError(`${name}:${number}: ${error.message}`) : error
      }
    }
  }
}

/** Rebuilds a ledger from exports: rows, sums and spend. May be run again after it was interrupted. Returns the number of rows read. */
export async function restoreLedger (ledger: Ledger, folder: string): Promise<number> {
  const { records } = ledger
  const waiting = new Map<string, string[]>()
  const lastSeqs = new Map<string, number>()
  let rows = 0
  for await (const { projectId, row } of archivedRows(folder)) {
    const texts = waiting.get(projectId) ?? []
    waiting.set(projectId, texts)
    texts.push(textOf(row))
    lastSeqs.set(projectId, row.seq)
    rows++
    if (texts.length >= restoredAtOnce) await records.restore(projectId, texts.splice(0))
  }
  for (const [projectId, texts] of waiting) await records.restore(projectId, texts)
  // What a project has from exports alone need not be exported again.
  for (const [projectId, seq] of lastSeqs) {
    if (await records.lastSeq(projectId) === seq) await records.markExported(projectId, seq)
  }
  await ledger.acceptLoss()
  return rows
}

/** Marks what the newest file holds, in case its export was interrupted after it was written. Returns the chain's last value. */
async function catchUp (records: LedgerRecords, folder: string): Promise<string> {
  const newest = (await exportFiles(folder)).at(-1)
  if (newest === undefined) return chainStart
  const lastSeqs = new Map<string, number>()
  let chain = chainStart
  for await (const line of linesOf(join(folder, newest))) {
    const written = JSON.parse(line) as { chain: string, project: string, seq: number }
    lastSeqs.set(written.project, written.seq)
    chain = written.chain
  }
  for (const [projectId, seq] of lastSeqs) {
    if (await records.exported(projectId) < seq) await records.markExported(projectId, seq)
  }
  return chain
}

/** The day of the oldest row that no export holds, ms; null when there is none. */
async function oldestDay (records: LedgerRecords): Promise<number | null> {
  let oldest: number | null = null
  for (const projectId of await records.projectIds()) {
    const row = await firstOf(records.rows(projectId, await records.exported(projectId)))
    if (row !== undefined) oldest = Math.min(oldest ?? Infinity, dayOf(parseRow(row.text)))
  }
  return oldest
}

/** All rows up to the end of a day, project by project. */
async function writeDay (records: LedgerRecords, folder: string, day: number, previous: string): Promise<{ file: string, rows: number, chain: string }> {
  const file = join(folder, `ledger-${new Date(day).toISOString().slice(0, 10)}.jsonl`)
  const lastSeqs = new Map<string, number>()
  let chain = previous
  let rows = 0
  async function * lines (): AsyncGenerator<string, void> {
    for (const projectId of await records.projectIds()) {
      for await (const { text } of records.rows(projectId, await records.exported(projectId))) {
        const row = parseRow(text)
        if (dayOf(row) > day) break
        const next = archiveLine(projectId, row, chain)
        chain = next.chain
        lastSeqs.set(projectId, row.seq)
        rows++
        yield next.line + '\n'
      }
    }
  }
  await writeWhole(file, lines())
  for (const [projectId, seq] of lastSeqs) await records.markExported(projectId, seq)
  return { file, rows, chain }
}

/** A file that is there is complete, and on the disk. */
async function writeWhole (file: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${file}.part`
  await rm(part, { force: true })
  await writeFile(part, lines, { flush: true })
  await rename(part, file)
  const folder = await open(dirname(file))
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function exportFiles (folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(name => fileShape.test(name)).sort()
}

async function * linesOf (file: string): AsyncGenerator<string, void> {
  const handle = await open(file)
  try {
    yield * handle.readLines()
  } finally {
    await handle.close()
  }
}

function dayOf ({ at }: LedgerRow): number {
  return floorTo(at, dayMs)
}

function textOf (row: LedgerRow): string {
  return rowText(row.seq, row.at, rowTail(row.kind, row, row))
}
