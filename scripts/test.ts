/**
 * `npm test`: installs what the tests need, then lint, types and all tests; then everything that gateways logged in the tests, at level
 * trace, is searched for the tests' secrets and prompts. The last line is `N passed, N failed`.
 * Arguments are passed on to the test runner, which then runs alone: `npm test -- test/openai`.
 *
 * Tests of real processes and sockets meet what a shared machine does. A few files that failed are run once more, alone; those that
 * pass then are named, for the fault is the test's, and somebody has to mend it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { searchLogs } from './leaks.ts'
import { ensureSystemPackages } from './system-packages.ts'
import { readTap } from './tap-results.ts'
import type { TapResults } from './tap-results.ts'

const logs = resolve('.tap/logs')
/** More failures at once are no accident of the machine. */
const mostAgain = 3

ensureSystemPackages(['redis', 'jemalloc', 'faketime', 'requests', 'nginx', 'haproxy', 'promtool'])
installClients()
const checks = process.argv.length > 2 ? [] : [['eslint', '.'], ['tsc', '--noEmit']]
const failedChecks = checks.filter(command => !run(command)).length
rmSync(logs, { recursive: true, force: true })
mkdirSync(logs, { recursive: true })
const results = runTests('.tap/results.tap', process.argv.slice(2))
const passedAgain = runAgain(results.failed.filter(name => existsSync(name)))
const leaked = nothingLeaked() ? 0 : 1
report(checks.length - failedChecks + 1 - leaked, failedChecks + leaked)

/** The SDKs that the conformance tests drive have a package of their own: the gateway does not need them. */
function installClients (): void {
  if (existsSync('test/clients/node_modules/.package-lock.json')) return
  if (!run(['npm', 'ci', '--prefix', 'test/clients', '--no-audit', '--no-fund', '--loglevel=error'])) process.exit(1)
}

function run ([command, ...args]: readonly string[]): boolean {
  return spawnSync(command as string, args, { stdio: 'inherit', env: { ...process.env, TOLLGATE_TEST_LOGS: logs } }).status === 0
}

/** A runner that failed without a failed test (it crashed, say) counts as one failure. */
function runTests (file: string, args: readonly string[]): TapResults {
  rmSync(file, { force: true })
  const succeeded = run(['tap', '--reporter=terse', `--output-file=${file}`, ...args])
  const results = readTap(existsSync(file) ? readFileSync(file, 'utf8') : '')
  // The reporter shows nothing where there is no terminal.
  for (const failure of results.failures) console.log(`\n${failure}`)
  return succeeded || results.failed.length > 0 ? results : { ...results, failed: ['the test runner'] }
}

/** Those of the files that pass now. */
function runAgain (files: readonly string[]): readonly string[] {
  if (files.length === 0 || files.length > mostAgain) return []
  const { failed } = runTests('.tap/again.tap', ['--jobs=1', ...files])
  return failed.length === 0 ? files : []
}

function nothingLeaked (): boolean {
  const { lines, secrets, leaks } = searchLogs(logs)
  for (const leak of leaks) console.error(leak)
  console.log(`\n${lines} lines of logs searched for ${secrets} secrets and prompts: ${leaks.length} found`)
  return leaks.length === 0
}

/** A check counts as one test. */
function report (checksPassed: number, checksFailed: number): void {
  for (const file of passedAgain) console.log(`\nfailed among the others, and passed alone: ${file}`)
  const failed = passedAgain.length > 0 ? checksFailed : checksFailed + results.failed.length
  // On a line of its own: the reporter may leave the cursor, or its codes, at the end of one.
  console.log(`\n${checksPassed + results.passed + passedAgain.length} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
