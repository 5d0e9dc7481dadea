import fc from 'fast-check'
import { test } from 'tap'
import { archiveLine, ArchiveError, chainStart, readArchiveLine } from '../../src/metering/archive.ts'
import { parseRow, rowTail, rowText } from '../../src/metering/row.ts'
import type { LedgerRow } from '../../src/metering/row.ts'
import { anOutcome } from '../helpers/metering.ts'

const rows = fc.array(fc.record({ keyId: fc.string(), model: fc.string(), status: fc.string(), cost: fc.option(fc.maxSafeNat()), tokens: fc.nat() }), { minLength: 1, maxLength: 10 })
  .map(list => list.map(({ keyId, model, status, cost, tokens }, index): LedgerRow => {
    const outcome = { ...anOutcome(tokens, 1, cost), status }
    const tail = rowTail('settled', { rid: 'rid', period: '2026-11', keyId, model, endpoint: 'responses' }, outcome)
    return parseRow(rowText(index + 1, 1_763_846_400_123, tail))
  }))

function write (list: readonly LedgerRow[]): string[] {
  let previous = chainStart
  return list.map(row => {
    const { line, chain } = archiveLine('proj_a', row, previous)
    previous = chain
    return line
  })
}

function read (lines: readonly string[]): LedgerRow[] {
  let previous = chainStart
  return lines.map(line => {
    const { row, projectId, chain } = readArchiveLine(line, previous)
    if (projectId !== 'proj_a') throw new Error('wrong project')
    previous = chain
    return row
  })
}

test('rows come back as they went, whatever is in them', async t => {
  fc.assert(fc.property(rows, list => {
    t.same(read(write(list)), list)
  }))
})

test('a changed, dropped, repeated or moved line is refused', async t => {
  fc.assert(fc.property(rows, fc.nat(), fc.nat(), (list, pick, place) => {
    const lines = write(list)
    const index = pick % lines.length
    const line = lines[index] ?? ''
    const at = place % line.length
    const changed = lines.with(index, line.slice(0, at) + (line[at] === 'x' ? 'y' : 'x') + line.slice(at + 1))
    t.throws(() => read(changed), ArchiveError)
    t.throws(() => read(lines.toSpliced(index, 1).concat(line, line)), ArchiveError)
  }))
})
