/**
 * `npm test`: installs what the tests need, then lint, types and all tests. The last line is `N passed, N failed`.
 * Arguments are passed on to the test runner, which then runs alone: `npm test -- test/openai`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { Parser } from 'tap-parser'
import { ensureSystemPackages } from './system-packages.ts'

const results = '.tap/results.tap'

ensureSystemPackages(['redis', 'faketime', 'requests', 'nginx', 'haproxy', 'promtool'])
installClients()
const checks = process.argv.length > 2 ? [] : [['eslint', '.'], ['tsc', '--noEmit']]
const failedChecks = checks.filter(command => !run(command)).length
mkdirSync('.tap', { recursive: true })
const testsPassed = run(['tap', '--reporter=terse', `--output-file=${results}`, ...process.argv.slice(2)])
report(checks.length - failedChecks, failedChecks, testsPassed)

/** The SDKs that the conformance tests drive have a package of their own: the gateway does not need them. */
function installClients (): void {
  if (existsSync('test/clients/node_modules/.package-lock.json')) return
  if (!run(['npm', 'ci', '--prefix', 'test/clients', '--no-audit', '--no-fund', '--loglevel=error'])) process.exit(1)
}

function run ([command, ...args]: readonly string[]): boolean {
  return spawnSync(command as string, args, { stdio: 'inherit' }).status === 0
}

/** A check counts as one test. A runner that failed without a failed assertion (it crashed, say) counts as one failure. */
function report (checksPassed: number, checksFailed: number, runnerPassed: boolean): void {
  let passed = checksPassed
  let failed = checksFailed
  const parser = new Parser(({ pass, fail }) => {
    passed += pass
    failed += fail
  })
  parser.end(existsSync(results) ? readFileSync(results) : '')
  if (!runnerPassed && failed === checksFailed) failed++
  // On a line of its own: the reporter may leave the cursor, or its codes, at the end of one.
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
