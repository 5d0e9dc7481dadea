/**
 * Writes deploy/grafana/tollgate.json, the dashboard, from the list of its panels below.
 * With `--check` it writes nothing, and exits with 1 when the file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const target = new URL('../deploy/grafana/tollgate.json', import.meta.url)

/** A line of a panel: its PromQL, and what the legend calls it. */
type Query = readonly [expression: string, legend?: string]

interface Panel {
  readonly title: string
  /** Grafana's unit id. */
  readonly unit: string
  readonly queries: readonly Query[]
  readonly kind?: 'timeseries' | 'stat'
  /** Of 24 columns. */
  readonly width?: number
  readonly stacked?: boolean
}

const rate = (metric: string): string => `rate(${metric}[$__rate_interval])`
const sum = (metric: string, by = ''): string => `sum${by === '' ? '' : ` by (${by})`} (${rate(metric)})`
const quantile = (quantile: number, metric: string, by = ''): string => `histogram_quantile(${quantile}, ${sum(`${metric}_bucket`, by === '' ? 'le' : `le, ${by}`)})`
const quantiles = (metric: string): Query[] => [0.5, 0.95, 0.99].map(share => [quantile(share, metric), `p${share * 100}`])

const chosen = 'project=~"$project", model=~"$model"'

const rows: Readonly<Record<string, readonly Panel[]>> = {
  Overview: [
    { title: 'Requests', unit: 'reqps', kind: 'stat', width: 4, queries: [[sum(`tollgate_requests_total{${chosen}}`)]] },
    { title: 'Failing', unit: 'percentunit', kind: 'stat', width: 4, queries: [[`${sum(`tollgate_requests_total{status="5xx", ${chosen}}`)} / ${sum(`tollgate_requests_total{${chosen}}`)}`]] },
    { title: 'First token, p95', unit: 's', kind: 'stat', width: 4, queries: [[quantile(0.95, 'tollgate_time_to_first_token_seconds')]] },
    { title: 'Tokens', unit: 'short', kind: 'stat', width: 4, queries: [[`60 * ${sum(`tollgate_tokens_total{type=~"input|output", ${chosen}}`)}`, 'a minute']] },
    { title: 'Cost', unit: 'currencyUSD', kind: 'stat', width: 4, queries: [[`3600 * ${sum(`tollgate_cost_usd_total{${chosen}}`)}`, 'an hour']] },
    { title: 'In flight', unit: 'short', kind: 'stat', width: 4, queries: [['sum(tollgate_requests_in_flight)']] }
  ],
  Requests: [
    { title: 'Requests by how they ended', unit: 'reqps', stacked: true, queries: [[sum(`tollgate_requests_total{${chosen}}`, 'status'), '{{status}}']] },
    { title: 'Errors by reason', unit: 'reqps', stacked: true, queries: [[sum('tollgate_errors_total{project=~"$project"}', 'error'), '{{error}}']] },
    { title: 'Requests by model', unit: 'reqps', stacked: true, queries: [[sum(`tollgate_requests_total{${chosen}}`, 'model'), '{{model}}']] },
    { title: 'Requests by project', unit: 'reqps', stacked: true, queries: [[sum(`tollgate_requests_total{${chosen}}`, 'project'), '{{project}}']] }
  ],
  Latency: [
    { title: 'Whole request', unit: 's', queries: quantiles('tollgate_request_duration_seconds') },
    { title: 'Time to first token', unit: 's', queries: quantiles('tollgate_time_to_first_token_seconds') },
    { title: 'First token by model, p95', unit: 's', queries: [[quantile(0.95, 'tollgate_time_to_first_token_seconds', 'model'), '{{model}}']] },
    { title: 'What the gateway adds', unit: 's', queries: quantiles('tollgate_overhead_seconds') }
  ],
  'Tokens and money': [
    { title: 'Tokens by kind', unit: 'short', queries: [[sum(`tollgate_tokens_total{${chosen}}`, 'type'), '{{type}}']] },
    { title: 'Cost by project, an hour', unit: 'currencyUSD', stacked: true, queries: [[`3600 * ${sum(`tollgate_cost_usd_total{${chosen}}`, 'project')}`, '{{project}}']] },
    { title: 'Cost by model, an hour', unit: 'currencyUSD', stacked: true, queries: [[`3600 * ${sum(`tollgate_cost_usd_total{${chosen}}`, 'model')}`, '{{model}}']] },
    { title: 'Reproducible requests', unit: 'reqps', stacked: true, queries: [[sum('tollgate_cache_requests_total', 'result'), '{{result}}']] }
  ],
  Limits: [
    { title: 'Month spent', unit: 'percentunit', queries: [['max by (project) (tollgate_spend_usd{project=~"$project"} / (tollgate_spend_limit_usd > 0))', '{{project}}']] },
    { title: 'Limits left', unit: 'percentunit', queries: [['min by (project, limit) (tollgate_limit_remaining{project=~"$project"} / (tollgate_limit > 0))', '{{project}} {{limit}}']] },
    { title: 'Refused by limits', unit: 'reqps', stacked: true, queries: [[sum('tollgate_limit_rejections_total{project=~"$project"}', 'project, limit'), '{{project}} {{limit}}']] },
    { title: 'Would be refused, were the limit not in shadow', unit: 'reqps', stacked: true, queries: [[sum('tollgate_limit_shadow_rejections_total{project=~"$project"}', 'project, limit'), '{{project}} {{limit}}']] }
  ],
  Upstreams: [
    { title: 'Answers of upstreams', unit: 'reqps', stacked: true, queries: [[sum('tollgate_upstream_requests_total', 'upstream, status'), '{{upstream}} {{status}}']] },
    { title: 'Sent again', unit: 'reqps', stacked: true, queries: [[sum('tollgate_upstream_retries_total', 'upstream, reason'), '{{upstream}} {{reason}}']] },
    { title: 'Breaker: 0 closed, 1 half open, 2 open', unit: 'short', queries: [['max by (upstream) (tollgate_breaker_state)', '{{upstream}}']] },
    { title: 'Answers without usage', unit: 'reqps', stacked: true, queries: [[sum('tollgate_usage_missing_total', 'upstream, reason'), '{{upstream}} {{reason}}']] }
  ],
  Metering: [
    { title: 'Shared store away', unit: 'short', queries: [['max by (instance) (tollgate_degraded)', '{{instance}}']] },
    { title: 'Settlements on disk', unit: 'short', queries: [['max by (instance) (tollgate_spool_depth)', '{{instance}}']] },
    { title: 'Billed by estimate, or submitted again', unit: 'short', queries: [[sum('tollgate_reaped_reservations_total'), 'estimated'], [sum('tollgate_replayed_settlements_total'), 'again']] },
    { title: 'Models without a price', unit: 'reqps', queries: [[sum('tollgate_unpriced_requests_total', 'model'), '{{model}}']] }
  ],
  Processes: [
    { title: 'Event loop', unit: 's', queries: [['tollgate_event_loop_delay_seconds', '{{instance}}']] },
    { title: 'CPU', unit: 'percentunit', queries: [[sum('tollgate_process_cpu_seconds_total', 'instance'), '{{instance}}']] },
    { title: 'Memory', unit: 'bytes', queries: [['tollgate_process_resident_memory_bytes', '{{instance}}']] },
    { title: 'Share of its memory', unit: 'percentunit', queries: [['tollgate_memory_used_ratio', '{{instance}}']] },
    { title: 'Workers replaced', unit: 'short', queries: [['increase(tollgate_worker_restarts_total[$__rate_interval])', '{{instance}}']] },
    { title: 'Releases, and their last configuration', unit: 'dateTimeFromNow', kind: 'stat', width: 12, queries: [['1000 * max by (instance, version) (tollgate_config_last_reload_timestamp_seconds * on (instance) group_left (version) tollgate_build_info)', '{{instance}} {{version}}']] }
  ]
}

const datasource = { type: 'prometheus', uid: '$DS_PROMETHEUS' }
const columns = 24

/** Panels from left to right, in rows of equal height. */
function place (): object[] {
  const placed: object[] = []
  let y = 0
  for (const [title, panels] of Object.entries(rows)) {
    placed.push({ id: placed.length + 1, type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y: y++, w: columns, h: 1 } })
    let x = 0
    const height = panels.every(({ kind }) => kind === 'stat') ? 4 : 8
    for (const panel of panels) {
      const width = panel.width ?? 12
      if (x + width > columns) [x, y] = [0, y + height]
      placed.push(panelOf(panel, placed.length + 1, { x, y, w: width, h: height }))
      x += width
    }
    y += height
  }
  return placed
}

function panelOf ({ title, unit, queries, kind = 'timeseries', stacked = false }: Panel, id: number, gridPos: object): object {
  const custom = kind === 'stat' ? {} : { custom: { fillOpacity: stacked ? 30 : 0, showPoints: 'never', stacking: { mode: stacked ? 'normal' : 'none' } } }
  return {
    id,
    type: kind,
    title,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0, ...custom }, overrides: [] },
    options: kind === 'stat' ? { graphMode: 'area', reduceOptions: { calcs: ['lastNotNull'] } } : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(([expr, legendFormat = ''], index) => ({ refId: String.fromCharCode(65 + index), expr, legendFormat, datasource }))
  }
}

function choice (name: string): object {
  return { name, type: 'query', datasource, query: `label_values(tollgate_requests_total, ${name})`, includeAll: true, multi: true, allValue: '.*', refresh: 2, current: { text: 'All', value: '$__all' } }
}

const dashboard = {
  uid: 'tollgate',
  title: 'Tollgate',
  tags: ['tollgate'],
  schemaVersion: 39,
  editable: true,
  refresh: '30s',
  time: { from: 'now-6h', to: 'now' },
  templating: { list: [{ name: 'DS_PROMETHEUS', label: 'Data source', type: 'datasource', query: 'prometheus' }, choice('project'), choice('model')] },
  panels: place()
}

const text = `${JSON.stringify(dashboard, null, 2)}\n`

if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  console.error('deploy/grafana/tollgate.json is stale: node scripts/grafana-dashboard.ts')
  process.exitCode = 1
}
