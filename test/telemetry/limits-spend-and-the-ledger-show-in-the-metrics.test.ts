import { test } from 'tap'
import type { LimitView } from '../../src/metering/limits.ts'
import type { LimitRule } from '../../src/metering/rules.ts'
import { ModelLabel } from '../../src/telemetry/labels.ts'
import { LimitStandings } from '../../src/telemetry/limit-standings.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { RequestFacts } from '../../src/telemetry/request-facts.ts'
import { Scrape } from '../helpers/scrape.ts'

const start = (): Metrics => new Metrics({ version: 'test', models: new ModelLabel(['gpt-4o']), upstreams: [] })
const read = async ({ registry }: Metrics): Promise<Scrape> => new Scrape(await registry.metrics())

const requests: LimitRule = { id: 'r', scope: 'project', model: '*', metric: 'requests_per_minute', limit: 60 }
const tokens: LimitRule = { id: 't', scope: 'project', model: 'gpt-4o', metric: 'tokens_per_minute', limit: 1000, shadow: true }
const spend: LimitRule = { id: 's', scope: 'project', model: '*', metric: 'spend_per_month', limit: 5e9 }
const company: LimitRule = { id: 'o', scope: 'organization', model: '*', metric: 'spend_per_month', limit: 100e9 }
const ofKey: LimitRule = { id: 'k', scope: 'key', model: '*', metric: 'requests_per_minute', limit: 5 }

const view = (rule: LimitRule, remaining: number, exceeded = false): LimitView => ({ rule, remaining, resetMs: 0, exceeded })

test('limits stand where the last admission left them', async t => {
  const metrics = start()
  metrics.limits('p', [view(requests, 59), view(tokens, 0, true), view(spend, 4e9), view(company, 25e9), view(ofKey, 1)])
  metrics.limits('p', [view(requests, 42)])
  const scrape = await read(metrics)
  t.equal(scrape.value('tollgate_limit', { project: 'p', model: '*', limit: 'requests_per_minute' }), 60)
  t.equal(scrape.value('tollgate_limit_remaining', { project: 'p', model: '*', limit: 'requests_per_minute' }), 42)
  t.equal(scrape.value('tollgate_limit_remaining', { model: 'gpt-4o', limit: 'tokens_per_minute' }), 0)
  t.equal(scrape.value('tollgate_limit_shadow_rejections_total', { project: 'p', limit: 'tokens_per_minute' }), 1)
  t.equal(scrape.value('tollgate_spend_usd', { project: 'p' }), 1)
  t.equal(scrape.value('tollgate_spend_limit_usd', { project: 'p' }), 5)
  t.equal(scrape.value('tollgate_spend_usd', { project: '*' }), 75)
  t.equal(scrape.samples.filter(({ name }) => name === 'tollgate_limit').length, 2, 'a key\'s own limit makes no series')
})

test('what was not heard of for an hour is not known any more', async t => {
  const standings = new LimitStandings()
  const known = (now: number): string[] => {
    const ids: string[] = []
    standings.each(now, (_project, { rule }) => { ids.push(rule.id) })
    return ids
  }
  standings.note('p', [view(requests, 1), view(spend, 1)], 0)
  standings.note('p', [view(requests, 1)], 1_000_000)
  t.same(known(3_600_000), ['r', 's'])
  t.same(known(3_600_001), ['r'])
  t.same(known(5_000_000), [])
})

test('a refused request names the limit, a reproducible one its result', async t => {
  const metrics = start()
  const facts = new RequestFacts('req_1', 'POST', '/v1/chat/completions')
  metrics.began()
  facts.calledBy('p', 'k')
  facts.deniedBy = { rule: requests, kind: 'rate', limit: 1, current: 1, resetMs: 60_000, retryAfterMs: 60_000 }
  facts.cache = 'hit'
  facts.close(429, true, null, () => { metrics.ended(facts) })
  const scrape = await read(metrics)
  t.equal(scrape.value('tollgate_limit_rejections_total', { project: 'p', scope: 'project', limit: 'requests_per_minute' }), 1)
  t.equal(scrape.value('tollgate_cache_requests_total', { result: 'hit' }), 1)
})

test('the ledger\'s condition is read when it is asked for', async t => {
  const metrics = start()
  const condition = { available: true, forgot: false, spooled: 0 }
  metrics.watchLedger(() => condition)
  t.equal((await read(metrics)).value('tollgate_degraded'), 0)
  t.equal((await read(metrics)).value('tollgate_ledger_forgot'), 0)
  Object.assign(condition, { available: false, forgot: true, spooled: 7 })
  const scrape = await read(metrics)
  t.equal(scrape.value('tollgate_degraded'), 1)
  t.equal(scrape.value('tollgate_ledger_forgot'), 1)
  t.equal(scrape.value('tollgate_spool_depth'), 7)
})

test('the rest is counted as it is told', async t => {
  const metrics = start()
  metrics.unpriced('gpt-4o')
  metrics.unpriced('invented')
  metrics.replayed(3)
  metrics.reaped(2)
  metrics.configReloaded(false)
  metrics.configReloaded(true)
  const scrape = await read(metrics)
  t.equal(scrape.value('tollgate_unpriced_requests_total', { model: 'gpt-4o' }), 1)
  t.equal(scrape.value('tollgate_unpriced_requests_total', { model: 'other' }), 1)
  t.equal(scrape.value('tollgate_replayed_settlements_total'), 3)
  t.equal(scrape.value('tollgate_reaped_reservations_total'), 2)
  t.equal(scrape.value('tollgate_config_reloads_total', { result: 'failed' }), 1)
  t.ok((scrape.value('tollgate_config_last_reload_timestamp_seconds') ?? 0) > 1.7e9)
})
