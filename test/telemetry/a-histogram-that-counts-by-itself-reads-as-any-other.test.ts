import fc from 'fast-check'
import { AggregatorRegistry, Histogram, Registry } from 'prom-client'
import { test } from 'tap'
import { SummedHistogram } from '../../src/telemetry/summed-histogram.ts'

const options = { name: 'h', help: 'A histogram.', labelNames: ['model', 'endpoint'], buckets: [0.5, 1, 2] } as const
const observations = fc.array(fc.tuple(fc.constantFrom('a', 'b"'), fc.constantFrom('x', 'y'), fc.constantFrom(0, 0.3, 0.5, 0.7, 1, 1.5, 2, 3)))

test('as text, and summed up over processes', async t => {
  await fc.assert(fc.asyncProperty(observations, async observed => {
    const [theirs, ours] = [new Registry(), new Registry()]
    const histogram = new Histogram({ ...options, buckets: [...options.buckets], registers: [theirs] })
    const summed = new SummedHistogram(options).register(ours)
    for (const [model, endpoint, value] of observed) {
      histogram.observe({ model, endpoint }, value)
      summed.observe([model, endpoint], value)
    }
    t.equal(sorted(await ours.metrics()), sorted(await theirs.metrics()))
    t.equal(sorted(await twice(ours)), sorted(await twice(theirs)))
  }), { numRuns: 50 })
})

/** In which order combinations are first seen is nobody's business. */
function sorted (text: string): string {
  return text.split('\n').sort().join('\n')
}

async function twice (registry: Registry): Promise<string> {
  const snapshot = await registry.getMetricsAsJSON()
  return await AggregatorRegistry.aggregate([snapshot, snapshot]).metrics()
}
