import type { Config } from '../../config/schema.ts'

/** How long a process may take to end when it was told to, ms; then it ends as it is. */
export function graceOf ({ drain }: Config): number {
  return drain.delay + drain.deadline + 10_000
}
