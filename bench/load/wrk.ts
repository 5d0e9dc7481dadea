import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadCore } from '../machine.ts'
import { freshSeed } from '../works.ts'
import type { LoadRequest, Target } from '../stand/target.ts'

export interface LoadOptions {
  /** Connections, each with one request in flight. */
  readonly inFlight: number
  readonly ms: number
}

/** What the load generator saw. Latencies in ms. */
export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Answers above 399. */
  readonly refused: number
  /** Connections that failed, and requests without an answer. */
  readonly broken: number
  readonly p50: number
  readonly p99: number
}

/** How long wrk may take to report, ms. */
const patience = 5_000

const folder = mkdtempSync(join(tmpdir(), 'tollgate-wrk-'))
process.once('exit', () => { rmSync(folder, { recursive: true, force: true }) })

/** Keeps `inFlight` requests in flight for a while. wrk counts whole seconds; an interrupt makes it stop and report earlier. */
export async function load (target: Target, request: LoadRequest, { inFlight, ms }: LoadOptions): Promise<LoadResult> {
  const script = join(folder, 'request.lua')
  writeFileSync(script, scriptOf(request))
  const wrk = spawn('taskset', ['-c', String(loadCore), 'wrk', '-t1', `-c${inFlight}`, '-d600', '--timeout', '60', '-s', script, `http://127.0.0.1:${target.port}`])
  let output = ''
  wrk.stdout.on('data', chunk => { output += chunk })
  const ended = new Promise(resolve => wrk.once('close', resolve))
  // An interrupt before it has begun would end it without a word.
  await Promise.race([once(wrk.stderr, 'data'), ended])
  await sleep(ms)
  wrk.kill('SIGINT')
  // It does not end when nobody listens any more.
  const late = setTimeout(() => { wrk.kill('SIGKILL') }, patience)
  await ended
  clearTimeout(late)
  if (output === '') throw new Error(`${target.name} does not answer any more: ${target.process.lastWords()}`)
  return resultOf(output)
}

/** Defining `response` would have wrk build a table for every answer: the counts of its summary are enough. */
function scriptOf (request: LoadRequest): string {
  const fields = Object.entries(request.headers).map(([name, value]) => `wrk.headers[${quoted(name)}] = ${quoted(value)}`)
  return `
wrk.method = "POST"
wrk.path = ${quoted(request.path)}
${fields.join('\n')}
${bodyScript(request)}
function init ()
  io.stderr:write("begun")
end
function done (summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%f,"refused":%d,"broken":%d,"p50":%f,"p99":%f}',
    summary.requests, summary.duration / 1e6, e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
`
}

/** One body for all requests, or one for each. */
function bodyScript ({ body }: LoadRequest): string {
  const [before = '', after] = body.split(String(freshSeed))
  if (after === undefined) return `wrk.body = ${quoted(body)}`
  return `
local seed = ${Date.now()} * 1000
function request ()
  seed = seed + 1
  return wrk.format(nil, nil, nil, ${quoted(before)} .. string.format("%.0f", seed) .. ${quoted(after)})
end`
}

/** A Lua string: JSON's escapes are Lua's, but for \\u and \\/, which the bench's requests do not have. */
function quoted (text: string): string {
  return JSON.stringify(text)
}

function resultOf (output: string): LoadResult {
  const line = output.split('\n').find(text => text.startsWith('{"requests"'))
  const json = /\{"requests".*\}/.exec(line ?? output)?.[0]
  if (json === undefined) throw new Error(`wrk did not report: ${output}`)
  return JSON.parse(json)
}
