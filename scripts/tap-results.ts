import { inspect } from 'node:util'
import { Parser } from 'tap-parser'
import type { Result } from 'tap-parser'

/** What of a failure's diagnosis helps: where, what, and how the process ended. */
const told = ['at', 'diff', 'stack', 'exitCode', 'signal', 'timeout']

/** What a TAP stream tells. */
export interface TapResults {
  readonly passed: number
  /** The outermost that failed, by name: test files, for the most part. */
  readonly failed: readonly string[]
  /** Files, tests and assertions that failed, innermost first, each as text for people. */
  readonly failures: readonly string[]
}

export function readTap (tap: string): TapResults {
  const failures: string[] = []
  const failed: string[] = []
  let passed = 0
  const parser = new Parser()
  follow(parser, [], failures)
  parser.on('assert', ({ ok, name }: Result) => {
    if (ok) passed++
    else failed.push(name)
  })
  parser.end(tap)
  return { passed, failed, failures }
}

function follow (parser: Parser, path: readonly string[], failures: string[]): void {
  parser.on('child', (child: Parser) => follow(child, [...path, child.name], failures))
  parser.on('assert', (result: Result) => {
    if (!result.ok && result.skip === false && result.todo === false) failures.push(described(path, result))
  })
}

function described (path: readonly string[], { name, diag }: Result): string {
  const details = Object.entries<unknown>(diag ?? {}).filter(([key, value]) => told.includes(key) && value !== null)
  return [[...path, name].join(' > '), ...details.map(([key, value]) => `  ${key}: ${shown(value)}`)].join('\n')
}

function shown (value: unknown): string {
  const text = typeof value === 'string' ? value.trimEnd() : inspect(value, { breakLength: Infinity })
  return text.replaceAll('\n', '\n    ')
}
