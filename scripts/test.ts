/**
 * `npm test`: installs what the tests need, then lint, types and all tests; then everything that gateways logged in the tests, at level
 * trace, is searched for the tests' secrets and prompts. The last line is `N passed, N failed`.
 * Arguments are passed on to the test runner, which then runs alone: `npm test -- test/openai`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { Parser } from 'tap-parser'
import { failuresIn } from './failures.ts'
import { searchLogs } from './leaks.ts'
import { ensureSystemPackages } from './system-packages.ts'

const results = '.tap/results.tap'
const logs = resolve('.tap/logs')

ensureSystemPackages(['redis', 'faketime', 'requests', 'nginx', 'haproxy', 'promtool'])
installClients()
const checks = process.argv.length > 2 ? [] : [['eslint', '.'], ['tsc', '--noEmit']]
const failedChecks = checks.filter(command => !run(command)).length
rmSync(logs, { recursive: true, force: true })
mkdirSync(logs, { recursive: true })
const testsPassed = run(['tap', '--reporter=terse', `--output-file=${results}`, ...process.argv.slice(2)])
const leaked = nothingLeaked() ? 0 : 1
report(checks.length - failedChecks + 1 - leaked, failedChecks + leaked, testsPassed)

/** The SDKs that the conformance tests drive have a package of their own: the gateway does not need them. */
function installClients (): void {
  if (existsSync('test/clients/node_modules/.package-lock.json')) return
  if (!run(['npm', 'ci', '--prefix', 'test/clients', '--no-audit', '--no-fund', '--loglevel=error'])) process.exit(1)
}

function run ([command, ...args]: readonly string[]): boolean {
  return spawnSync(command as string, args, { stdio: 'inherit', env: { ...process.env, TOLLGATE_TEST_LOGS: logs } }).status === 0
}

function nothingLeaked (): boolean {
  const { lines, secrets, leaks } = searchLogs(logs)
  for (const leak of leaks) console.error(leak)
  console.log(`\n${lines} lines of logs searched for ${secrets} secrets and prompts: ${leaks.length} found`)
  return leaks.length === 0
}

/** A check counts as one test. A runner that failed without a failed assertion (it crashed, say) counts as one failure. */
function report (checksPassed: number, checksFailed: number, runnerPassed: boolean): void {
  let passed = checksPassed
  let failed = checksFailed
  const parser = new Parser(({ pass, fail }) => {
    passed += pass
    failed += fail
  })
  const tap = existsSync(results) ? readFileSync(results, 'utf8') : ''
  parser.end(tap)
  // The reporter shows nothing where there is no terminal.
  for (const failure of failuresIn(tap)) console.log(`\n${failure}`)
  if (!runnerPassed && failed === checksFailed) failed++
  // On a line of its own: the reporter may leave the cursor, or its codes, at the end of one.
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
