import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveLine, ArchiveError, chainStart } from '../metering/archive.ts'
import type { ArchivedRow } from '../metering/archive.ts'
import { parseRow } from '../metering/row.ts'
import type { LedgerRow } from '../metering/row.ts'
import { dayMs, floorTo } from '../metering/usage.ts'
import type { ReadableRecords } from './ledger.ts'
import { firstOf } from './first-of.ts'
import { linesOf, rowsOfLines, writeWhole } from './ledger-lines.ts'

export interface ArchiveReport {
  /** Files written, in their order. */
  readonly files: readonly string[]
  readonly rows: number
}

const fileShape = /^ledger-(\d{4}-\d{2}-\d{2})\.jsonl$/

/**
 * Writes every row that no archive holds yet into files of one UTC day each, days that are over only. A file is complete or not there;
 * each line carries the SHA-256 of all before it, over all files. What is archived may be trimmed (`trimArchived`).
 * Rejects with ArchiveError when the folder holds something else than what was written there from this ledger.
 */
export async function archiveLedger (records: ReadableRecords, folder: string): Promise<ArchiveReport> {
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

/** Drops from the store what archives hold. Sums and spend stay. */
export async function trimArchived (records: ReadableRecords): Promise<void> {
  for (const projectId of await records.projectIds()) await records.trim(projectId, await records.exported(projectId))
}

/** Every row of every file of a folder, in the order in which they were written. Throws ArchiveError at the first line that is not as it was written. */
export async function * archivedRows (folder: string): AsyncGenerator<ArchivedRow, void> {
  let previous = chainStart
  for (const name of await archiveFiles(folder)) {
    for await (const row of rowsOfLines(linesOf(join(folder, name)), name, previous)) {
      previous = row.chain
      yield row
    }
  }
}

/** Marks what the newest file holds, in case its writing was interrupted before it was noted. Returns the chain's last value. */
async function catchUp (records: ReadableRecords, folder: string): Promise<string> {
  const newest = (await archiveFiles(folder)).at(-1)
  if (newest === undefined) return chainStart
  const last = new Map<string, LedgerRow>()
  let chain = chainStart
  for await (const line of linesOf(join(folder, newest))) {
    const written = JSON.parse(line) as { chain: string, project: string } & LedgerRow
    last.set(written.project, written)
    chain = written.chain
  }
  for (const [projectId, { seq, rid }] of last) {
    if (await records.exported(projectId) >= seq) continue
    const stored = await firstOf(records.rows(projectId, seq - 1))
    if (stored === undefined || parseRow(stored.text).rid !== rid) {
      throw new ArchiveError(`${newest} has other rows of ${projectId} than the ledger, which was restored or emptied since: archive into a new folder, and keep this one`)
    }
    await records.markExported(projectId, seq)
  }
  return chain
}

/** The day of the oldest row that no archive holds, ms; null when there is none. */
async function oldestDay (records: ReadableRecords): Promise<number | null> {
  let oldest: number | null = null
  for (const projectId of await records.projectIds()) {
    const row = await firstOf(records.rows(projectId, await records.exported(projectId)))
    if (row !== undefined) oldest = Math.min(oldest ?? Infinity, dayOf(parseRow(row.text)))
  }
  return oldest
}

/** All rows up to the end of a day, project by project. */
async function writeDay (records: ReadableRecords, folder: string, day: number, previous: string): Promise<{ file: string, rows: number, chain: string }> {
  const name = `ledger-${new Date(day).toISOString().slice(0, 10)}.jsonl`
  if ((await archiveFiles(folder)).includes(name)) throw new ArchiveError(`${name} is there already, without rows that it should have: archive into a new folder, and keep this one`)
  const file = join(folder, name)
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

async function archiveFiles (folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(name => fileShape.test(name)).sort()
}

function dayOf ({ at }: LedgerRow): number {
  return floorTo(at, dayMs)
}
