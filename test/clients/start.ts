import type { Test } from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import type { DemoUpstream } from '../../src/upstream/demo.ts'

export interface Setting {
  readonly gateway: TestGateway
  readonly demo: DemoUpstream
}

/** A gateway in front of the demo upstream, as a separate provider, so that a test can see what arrived there. */
export async function startSetting (t: Test): Promise<Setting> {
  const demo = await startDemo(t)
  return { demo, gateway: await startGateway(t, { upstream: demo.url }) }
}

/** What the promise was rejected with. Throws when it was not. */
export async function rejection (promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => { throw new Error('nothing was thrown') }, (error: unknown) => error)
}
