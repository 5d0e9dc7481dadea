import type { Test } from 'tap'
import { startDemoUpstream, type DemoOptions, type DemoUpstream } from '../../src/upstream/demo.ts'

/** A demo upstream for one test: without delays, and closed when the test ends. */
export async function startDemo (t: Test, options: DemoOptions = {}): Promise<DemoUpstream> {
  const demo = await startDemoUpstream({ wordDelayMs: 0, ...options })
  t.teardown(() => demo.close())
  return demo
}
