import type { Spend } from './alerts.ts'
import { Calendar } from './metering/period.ts'
import { hourMs } from './metering/usage.ts'
import type { Ledger } from './stores/ledger.ts'

/** What the present month has cost, as the ledger knows it. `timeZone`: in which months begin. */
export function spendOf (ledger: Pick<Ledger, 'usage'>, timeZone: string): () => Promise<Spend> {
  const calendar = new Calendar(timeZone)
  return async () => {
    const month = calendar.at(Date.now())
    const { buckets } = await ledger.usage({
      startMs: month.start,
      endMs: month.end,
      width: 'hour',
      groupBy: ['project'],
      projectIds: null,
      keyIds: null,
      models: null,
      endpoints: null,
      limit: Math.ceil((month.end - month.start) / hourMs) + 1
    })
    const byProject = new Map<string, number>()
    let total = 0
    for (const { projectId, costNanoUsd } of buckets.flatMap(({ results }) => results)) {
      total += costNanoUsd
      byProject.set(projectId ?? '', (byProject.get(projectId ?? '') ?? 0) + costNanoUsd)
    }
    return { month, total, byProject }
  }
}
