import { hash } from 'node:crypto'
import { parseRow, textOfRow } from './row.ts'
import type { LedgerRow } from './row.ts'

/**
 * The ledger as JSON Lines: one row a line, and in front of each the SHA-256 of the line before's and its own text, so that a
 * changed, dropped, added or moved line shows at once.
 *
 * `{"chain":"<64 hex digits>","project":"proj_…","seq":1,"at":1763846400123,"kind":"settled",…}`
 */

/** Before the first line of all. */
export const chainStart = '0'.repeat(64)

export interface ArchivedRow {
  readonly projectId: string
  readonly row: LedgerRow
}

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/** The next line of an archive, and its chain value. */
export function archiveLine (projectId: string, row: LedgerRow, previous: string): { readonly line: string, readonly chain: string } {
  const { usage: { costNanoUsd: _, ...tokens }, ...fields } = row
  const rest = JSON.stringify({ project: projectId, ...fields, ...tokens }).slice(1)
  const chain = chainOf(previous, rest)
  return { line: `{"chain":"${chain}",${rest}`, chain }
}

const lineShape = /^\{"chain":"([0-9a-f]{64})",(.*)$/s

/** Reads a line back. Throws ArchiveError when it is not the one that followed `previous`. */
export function readArchiveLine (line: string, previous: string): ArchivedRow & { readonly chain: string } {
  const [, chain, rest] = lineShape.exec(line) ?? []
  if (chain === undefined || rest === undefined) throw new ArchiveError('the line is no row of an export')
  if (chainOf(previous, rest) !== chain) throw new ArchiveError('the line, or one before it, was changed, dropped or moved')
  const { project, ...fields } = JSON.parse(`{${rest}`) as FlatRow
  const row = { ...fields, usage: { ...fields, costNanoUsd: null } }
  return { projectId: project, row: parseRow(textOfRow(row)), chain }
}

type FlatRow = Omit<LedgerRow, 'usage'> & Omit<LedgerRow['usage'], 'costNanoUsd'> & { readonly project: string }

function chainOf (previous: string, rest: string): string {
  return hash('sha256', previous + rest)
}
