import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { archiveLine, ArchiveError, chainStart, readArchiveLine } from '../metering/archive.ts'
import type { ArchivedRow } from '../metering/archive.ts'
import { parseRow } from '../metering/row.ts'
import type { ReadableRecords } from './ledger.ts'

const blockLength = 65_536

/** Every row that the store still has, as lines: one chain from the first to the last. May run beside writers. */
export async function * exportLines (records: ReadableRecords): AsyncGenerator<string, void> {
  let chain = chainStart
  for (const projectId of await records.projectIds()) {
    for await (const { text } of records.rows(projectId, 0)) {
      const next = archiveLine(projectId, parseRow(text), chain)
      chain = next.chain
      yield next.line + '\n'
    }
  }
}

/** The rows of lines that follow a chain value. Throws ArchiveError at the first that is not as it was written; `name` says where it is. */
export async function * rowsOfLines (lines: AsyncIterable<string>, name: string, previous = chainStart): AsyncGenerator<ArchivedRow & { readonly chain: string }, void> {
  let chain = previous
  let number = 0
  for await (const line of lines) {
    number++
    try {
      const row = readArchiveLine(line, chain)
      chain = row.chain
      yield row
    } catch (error) {
      throw error instanceof ArchiveError ? new ArchiveError(`${name}:${number}: ${error.message}`) : error
    }
  }
}

export async function * linesOf (file: string): AsyncGenerator<string, void> {
  const handle = await open(file)
  try {
    yield * handle.readLines()
  } finally {
    await handle.close()
  }
}

/** Lines together, so that each write is worth its while. */
export async function * blocksOf (lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  let block = ''
  for await (const line of lines) {
    block += line
    if (block.length < blockLength) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
}

/** A file that is there is complete, and on the disk. */
export async function writeWhole (file: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${file}.part`
  await rm(part, { force: true })
  await writeFile(part, blocksOf(lines), { flush: true })
  await rename(part, file)
  const folder = await open(dirname(file))
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
