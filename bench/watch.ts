import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './stand/target.ts'

/**
 * Has a gateway watch its event loop while there is load on it, neither before it has begun nor while it ends: an idle loop is never late.
 *
 * @param ms length of the load
 */
export async function watchMiddle ({ gateway }: Target, ms: number): Promise<void> {
  if (gateway === null) return
  await sleep(ms / 4)
  await gateway.probe('on')
  await sleep(ms / 2)
  await gateway.probe('off')
}
