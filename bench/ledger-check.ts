import { parseRow } from '../src/metering/row.ts'
import type { LedgerRow } from '../src/metering/row.ts'
import { verifyLedger } from '../src/stores/ledger-verify.ts'
import { openLedger } from '../src/stores/open.ts'
import { usageOf } from './stand/answers.ts'
import { modelOf } from './stand/gateway.ts'
import type { Gateway } from './stand/gateway.ts'
import type { Behaviour } from './stand/nginx.ts'
import type { Stand } from './stand/stand.ts'

/** What the ledger has, held against what the providers were asked for. Everything but `exact` and `hits` should be 0. */
export interface LedgerCheck {
  readonly sent: number
  /** Rows that say what the provider said. */
  readonly exact: number
  readonly hits: number
  readonly lost: number
  readonly doubled: number
  /** Rows of any other kind or figure. */
  readonly others: number
  /** What rows, sums and spend say against each other. */
  readonly differences: number
}

/** Reads the ledger of a gateway that has ended. */
export async function checkLedger (stand: Stand, { address, folder }: Gateway): Promise<LedgerCheck> {
  const sent = [...(await stand.provided()).values()].reduce((sum, { requests }) => sum + requests, 0)
  const ledger = await openLedger(address, { timeZone: 'UTC', durability: 'process', folder, onEvent: () => {} })
  const rids = new Set<string>()
  let [rows, exact, hits] = [0, 0, 0]
  for (const projectId of await ledger.records.projectIds()) {
    for await (const { text } of ledger.records.rows(projectId, 0)) {
      const row = parseRow(text)
      rows++
      rids.add(row.rid)
      if (row.kind === 'hit') hits++
      else if (isExact(row)) exact++
    }
  }
  const { differences } = await verifyLedger(ledger.records)
  await ledger.close()
  return { sent, exact, hits, lost: Math.max(0, sent - (rids.size - hits)), doubled: rows - rids.size, others: rows - exact - hits, differences: differences.length }
}

function isExact ({ kind, source, model, usage: { inputTokens, outputTokens } }: LedgerRow): boolean {
  const behaviour = (Object.keys(modelOf) as Behaviour[]).find(name => modelOf[name] === model)
  const expected = behaviour === undefined ? usageOf.embedding : behaviour === 'json' ? usageOf.completion : usageOf.stream
  return kind === 'settled' && source === 'provider' && inputTokens === expected.prompt_tokens && outputTokens === expected.total_tokens - expected.prompt_tokens
}
