import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when the condition holds; asks again and again. The test's own timeout ends it. */
export async function until (holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await sleep(5)
}
