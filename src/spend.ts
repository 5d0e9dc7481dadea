import type { Spend } from './alerts.ts'
import { Calendar } from './metering/period.ts'
import type { Ledger } from './stores/ledger.ts'

/**
 * What the present month has cost, as limits count it: by the month that pays, and to the minute. Sums by the hour would not do,
 * because in many time zones (`Asia/Kolkata`) months begin within an hour of UTC. `timeZone`: in which months begin.
 */
export function spendOf ({ records }: Pick<Ledger, 'records'>, timeZone: string): () => Promise<Spend> {
  const calendar = new Calendar(timeZone)
  return async () => {
    const month = calendar.at(await records.now())
    const byProject = new Map<string, number>()
    let total = 0
    for (const projectId of await records.projectIds()) {
      const { spends } = await records.monthSums(projectId, month.id)
      const spent = spends.find(({ spender }) => spender === '')?.spent ?? 0
      byProject.set(projectId, spent)
      total += spent
    }
    return { month, total, byProject }
  }
}
