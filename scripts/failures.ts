import { inspect } from 'node:util'
import { Parser } from 'tap-parser'
import type { Result } from 'tap-parser'

/** What of a failure's diagnosis helps: where, what, and how the process ended. */
const told = ['at', 'diff', 'stack', 'exitCode', 'signal', 'timeout']

/** The files, tests and assertions that failed in a TAP stream, innermost first, each as text for people. */
export function failuresIn (tap: string): string[] {
  const failures: string[] = []
  const parser = new Parser()
  follow(parser, [], failures)
  parser.end(tap)
  return failures
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
