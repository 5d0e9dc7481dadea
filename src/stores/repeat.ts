import { forgiveOutage } from './unavailable.ts'

/**
 * Does the work again and again, each time `pauseMs` after it ended, until it is stopped. Does not keep the process alive.
 * A store that is away is tried again the next time.
 * @returns stops it, and resolves when work under way has ended
 */
export function repeat (work: () => Promise<void>, pauseMs: number): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  let stopped = false

  function schedule (): void {
    if (!stopped) timer = setTimeout(() => { running = work().catch(forgiveOutage).then(schedule) }, pauseMs).unref()
  }

  schedule()
  return () => {
    stopped = true
    clearTimeout(timer)
    return running
  }
}
