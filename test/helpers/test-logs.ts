import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What the gateways of a test log at level trace, and what must not stand in it: keys, secrets and prompts of the test. With
 * TOLLGATE_TEST_LOGS, a folder, both are left there when the test's process ends; `npm test` then looks for the one in the other.
 */

const folder = process.env['TOLLGATE_TEST_LOGS']
const lines: string[] = []
const secrets = new Set<string>()

/** Somebody looks at it. */
export const collecting = folder !== undefined

/** Shorter texts may stand in a line by chance. */
const minLength = 12
const promptFields = new Set(['content', 'input', 'instructions', 'text', 'arguments', 'user'])

export function noteLine (line: string): void {
  if (collecting) lines.push(line.trimEnd())
}

export function noteSecrets (texts: Iterable<string | undefined>): void {
  for (const text of texts) if (text !== undefined && text.length >= minLength) secrets.add(text)
}

/** Notes what stands in a request as text of people. */
export function notePrompts (body: unknown): void {
  if (!collecting || typeof body !== 'object' || body === null) return
  for (const [name, value] of Object.entries(body)) {
    if (typeof value === 'string' && promptFields.has(name)) noteSecrets([value])
    else notePrompts(value)
  }
}

if (folder !== undefined) {
  process.once('exit', () => {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, String(process.pid))
    appendFileSync(`${path}.log`, lines.map(line => `${line}\n`).join(''))
    appendFileSync(`${path}.secrets`, JSON.stringify({ test: process.argv[1], secrets: [...secrets] }))
  })
}
