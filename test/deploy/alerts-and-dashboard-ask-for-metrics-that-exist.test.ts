import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { ModelLabel } from '../../src/telemetry/labels.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { compose, documents, read, root } from './files.ts'

interface Rules { readonly groups: ReadonlyArray<{ readonly rules: ReadonlyArray<{ readonly alert: string, readonly expr: string, readonly annotations: { readonly summary: string } }> }> }
interface RuleTests { readonly tests: ReadonlyArray<{ readonly input_series: ReadonlyArray<{ readonly series: string }>, readonly alert_rule_test: ReadonlyArray<{ readonly alertname: string, readonly exp_alerts: readonly unknown[] }> }> }
interface Dashboard { readonly panels: ReadonlyArray<{ readonly title: string, readonly targets?: ReadonlyArray<{ readonly expr: string }> }> }

const [rules] = documents<Rules>(read('deploy/prometheus/rules.yml')) as [Rules]
const alerts = rules.groups.flatMap(group => group.rules)
const [ruleTests] = documents<RuleTests>(read('deploy/prometheus/rules.test.yml')) as [RuleTests]
const dashboard = JSON.parse(read('deploy/grafana/tollgate.json')) as Dashboard
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

/** Names as a scrape has them, and the labels of each. */
function existing (): Map<string, readonly string[]> {
  const metrics = new Metrics({ version: 'test', models: new ModelLabel([]), upstreams: [] })
  metrics.watchLedger(() => ({ available: true, forgot: false, spooled: 0 }))
  const names = new Map<string, readonly string[]>([['up', ['job', 'instance']]])
  for (const metric of metrics.registry.getMetricsAsArray() as unknown as Array<{ name: string, type: string, labelNames?: string[] }>) {
    for (const suffix of metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) names.set(metric.name + suffix, [...metric.labelNames ?? [], 'le', 'instance'])
  }
  return names
}

const namesIn = (expression: string): string[] => expression.match(/\btollgate_\w+/g) ?? []

test('every name is one of a metric', async t => {
  const known = existing()
  for (const { alert, expr } of alerts) for (const name of namesIn(expr)) t.ok(known.has(name), `${alert}: ${name}`)
  for (const expression of expressions) {
    t.ok(namesIn(expression).length > 0, expression)
    for (const name of namesIn(expression)) t.ok(known.has(name), name)
  }
})

test('every label that is asked for is one of its metric', async t => {
  const known = existing()
  const all = [...alerts.map(({ expr }) => expr), ...expressions, ...ruleTests.tests.flatMap(({ input_series: series }) => series.map(one => one.series))]
  for (const expression of all) {
    for (const [, name = '', selector = ''] of expression.matchAll(/(tollgate_\w+)\{([^}]*)\}/g)) {
      for (const [, label = ''] of selector.matchAll(/(\w+)\s*=~?/g)) t.ok(known.get(name)?.includes(label), `${name}: ${label}`)
    }
  }
})

test('promtool accepts the rules, their tests pass, and every alert is made to fire in one', async t => {
  for (const args of [['check', 'rules', 'deploy/prometheus/rules.yml'], ['test', 'rules', 'deploy/prometheus/rules.test.yml']]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8' })
    t.equal(status, 0, stdout + stderr)
  }
  const fired = new Set(ruleTests.tests.flatMap(one => one.alert_rule_test).filter(one => one.exp_alerts.length > 0).map(one => one.alertname))
  t.same(alerts.map(({ alert }) => alert).filter(alert => !fired.has(alert)), [])
})

test('every alert is explained in docs/operations.md', async t => {
  const text = read('docs/operations.md')
  for (const { alert } of alerts) t.match(text, `\`${alert}\``)
})

test('docs/operations.md describes every metric, and no other', async t => {
  const described = new Set(read('docs/operations.md').match(/tollgate_[a-z]+\w*[a-z]\b/g))
  const own = [...existing().keys()].map(name => name.replace(/_(bucket|sum|count)$/, '')).filter(name => name !== 'up' && !/_(process|nodejs)_/.test(name))
  t.same(own.filter(name => !described.has(name)), [])
  for (const name of described) t.ok(own.includes(name), name)
})

test('Prometheus accepts the configuration of docker-compose.yml', async t => {
  const folder = t.testdir({ 'rules.yml': read('deploy/prometheus/rules.yml'), 'prometheus.yml': compose().configs['prometheus']?.content ?? '' })
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { encoding: 'utf8' })
  t.equal(status, 0, stdout + stderr)
})

test('Prometheus understands what the dashboard asks', async t => {
  const concrete = expressions.map(expression => expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$(project|model)/g, '.*'))
  const file = join(t.testdir(), 'dashboard.yml')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: concrete.map((expr, index) => ({ record: `panel:${index}`, expr })) }] }))
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', '--lint=none', file], { encoding: 'utf8' })
  t.equal(status, 0, stdout + stderr)
})

test('the dashboard is what its script writes', async t => {
  const { status, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/grafana-dashboard.ts', '--check'], { cwd: root, encoding: 'utf8' })
  t.equal(status, 0, stderr)
})
