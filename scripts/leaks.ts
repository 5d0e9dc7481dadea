import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the tests' helpers leave of one test: `test/helpers/test-logs.ts`. */
interface Noted {
  /** The test's file. */
  readonly test: string
  readonly secrets: readonly string[]
}

/** What was looked at, and what was found. */
export interface Search {
  readonly lines: number
  readonly secrets: number
  /** One line for people each. */
  readonly leaks: readonly string[]
}

/** A whole key of the gateway, whoever made it; the redacted form has fewer letters in a row. */
const wholeKey = /sk-tg(?:admin)?_\w{8,}/

/** Looks for the secrets and prompts of each test in what its gateways logged. */
export function searchLogs (folder: string): Search {
  const leaks: string[] = []
  let lines = 0
  let secrets = 0
  for (const name of readdirSync(folder).filter(name => name.endsWith('.secrets'))) {
    const noted = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Noted
    const log = readFileSync(join(folder, name.replace('.secrets', '.log')), 'utf8')
    lines += log.split('\n').length - 1
    secrets += noted.secrets.length
    leaks.push(...leaksIn(log, noted))
  }
  return { lines, secrets, leaks }
}

function leaksIn (log: string, { test, secrets }: Noted): string[] {
  const found = secrets.filter(secret => log.includes(secret) || log.includes(inJson(secret)))
  const keys = wholeKey.test(log) ? ['a whole key'] : []
  return [...found, ...keys].map(what => `${test}: in its log stands ${JSON.stringify(what)}`)
}

function inJson (text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
