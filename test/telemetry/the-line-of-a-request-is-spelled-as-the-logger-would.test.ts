import fc from 'fast-check'
import { test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { createLogger } from '../../src/logger.ts'
import { GatewayError } from '../../src/openai/errors.ts'
import { requestLine } from '../../src/telemetry/log-line.ts'
import { RequestFacts } from '../../src/telemetry/request-facts.ts'

/** Half a character is in no name: models with one are refused. */
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 150 }), fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\u0000', '\u007f', '\u2028', 'é', 'a') }))

const arbitraryFacts = fc.record({
  id: text,
  route: fc.option(text),
  model: fc.option(text),
  costNanoUsd: fc.option(fc.oneof(fc.nat(), fc.constant(Number.NaN))),
  cache: fc.option(fc.constantFrom('hit', 'miss', 'refresh', 'bypass')),
  failure: fc.option(fc.constantFrom('invalid_api_key', 'overloaded'))
}).map(({ id, route, model, costNanoUsd, cache, failure }) => {
  const facts = new RequestFacts(id, 'POST', route)
  facts.model = model
  facts.costNanoUsd = costNanoUsd
  facts.cache = cache
  facts.close(200, true, failure === null ? null : new GatewayError(failure), () => {})
  return facts
})

async function lines (level: 'info' | 'warn'): Promise<{ readonly log: ReturnType<typeof createLogger>, readonly written: string[] }> {
  const config = await loadConfig({ env: { AIMLAPI_API_KEY: 'the key of the upstream' }, cwd: import.meta.dirname })
  const written: string[] = []
  return { log: createLogger({ ...config, log_level: level }, { write: line => { written.push(line) }, flushSync: () => {} }), written }
}

test('whatever is known of the request', async t => {
  const { log: { logger, logRequest }, written } = await lines('info')
  fc.assert(fc.property(arbitraryFacts, facts => {
    logger.info(requestLine(facts), 'request')
    logRequest(facts)
    const [theirs, ours] = written.splice(0).map(line => line.replace(/^(\{"level":"info","time":)\d{13},/, '$1,'))
    return theirs === ours && theirs?.startsWith('{"level":"info","time":,') === true
  }))
  t.pass()
})

test('secrets go, and so does the line where the level says so', async t => {
  const { log: { logRequest }, written } = await lines('info')
  const facts = new RequestFacts('req_1', 'POST', null)
  facts.model = 'the key of the upstream'
  logRequest(facts)
  t.match(written, [/"model":"\*\*\*"/])
  const warnings = await lines('warn')
  warnings.log.logRequest(facts)
  t.strictSame(warnings.written, [])
})
