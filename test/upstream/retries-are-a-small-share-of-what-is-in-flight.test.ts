import t from 'tap'
import type { GatewayError } from '../../src/openai/errors.ts'
import { Delivery } from '../../src/upstream/delivery.ts'
import type { DeliveryRequest } from '../../src/upstream/delivery.ts'
import { RetryBudget } from '../../src/upstream/retry-budget.ts'
import { Upstream } from '../../src/upstream/upstream.ts'
import { freePort } from '../helpers/ports.ts'

function budgetOf (share: number, inFlight: number): RetryBudget {
  const budget = new RetryBudget(share)
  for (let n = 0; n < inFlight; n++) budget.begin()
  return budget
}

/** How many of so many ask for a retry get one. */
function granted (budget: RetryBudget, asking: number): number {
  return Array.from({ length: asking }, () => budget.tryRetry()).filter(Boolean).length
}

t.test('a share of the requests in flight, and never less than one', async t => {
  t.equal(granted(budgetOf(0.2, 1), 3), 1)
  t.equal(granted(budgetOf(0.2, 9), 9), 1)
  t.equal(granted(budgetOf(0.2, 100), 100), 20)
  t.equal(granted(budgetOf(0, 100), 100), 0, 'a share of 0 is none')
})

t.test('a request that ends gives its retry back, and one that had none does not', async t => {
  const budget = budgetOf(0.2, 3)
  t.ok(budget.tryRetry())
  budget.end(false)
  t.notOk(budget.tryRetry())
  budget.end(true)
  t.ok(budget.tryRetry())
})

for (const [share, retries] of [[0.2, 1], [0, 0]] as const) {
  t.test(`a refused connection is tried again ${retries} times with a share of ${share}, and the place is given back`, async t => {
    const upstream = new Upstream({
      name: 'u',
      baseUrl: `http://127.0.0.1:${await freePort()}/v1`,
      keys: [],
      headers: {},
      timeouts: { connect: 1000, firstByte: 1000, idle: 1000 },
      breaker: { failures: 5, probeInterval: 500 },
      retryBudget: share
    })
    t.teardown(() => upstream.close(0))
    const request: DeliveryRequest = { method: 'POST', path: '/chat/completions', headers: [], bodyFor: () => null, forgetBody: () => {}, targets: [{ upstream, model: null }] }
    const failure = await new Promise<GatewayError>(resolve => {
      new Delivery(request, { onAnswer: () => { throw new Error('there is nobody to answer') }, onFailure: resolve }).start()
    })
    t.equal(failure.code, 'upstream_unreachable')
    t.equal(upstream.traffic.retries.connection, retries)
    t.equal(upstream.budget.inFlight, 0)
    upstream.budget.begin()
    t.equal(upstream.budget.tryRetry(), share > 0)
  })
}
