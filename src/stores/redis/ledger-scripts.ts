import { readFileSync } from 'node:fs'
import type { RedisClient } from './client.ts'

export const ledgerScripts = ['admit', 'settle', 'renew', 'expired', 'total'] as const
export type LedgerScript = typeof ledgerScripts[number]

/** The texts of the scripts, complete. */
export type ScriptTexts = Readonly<Record<LedgerScript, string>>

/** A script that is under way: its keys, which its arguments refer to by index, and the arguments. */
export class ScriptCall {
  readonly keys: string[]
  readonly args: string[]
  readonly #indexes = new Map<string, number>()

  constructor (keys: string[], ...args: string[]) {
    this.keys = keys
    this.args = args
  }

  /** The index, from 1, of a key; it is added when it is not there yet. */
  key (name: string): number {
    let index = this.#indexes.get(name)
    if (index === undefined) {
      index = this.keys.push(name)
      this.#indexes.set(name, index)
    }
    return index
  }
}

/** The scripts as they are, or with other texts for some of their files. */
export function readScripts (files: Partial<Record<LedgerScript | 'common', string>> = {}): ScriptTexts {
  const common = files.common ?? scriptText('common')
  return Object.fromEntries(ledgerScripts.map(name => [name, withCommon(files[name] ?? scriptText(name), common)])) as Record<LedgerScript, string>
}

/** The first line of a script says how Redis is to run it: what is shared comes after it. */
function withCommon (script: string, common: string): string {
  const end = script.indexOf('\n') + 1
  return script.slice(0, end) + common + script.slice(end)
}

export function scriptText (name: LedgerScript | 'common'): string {
  return readFileSync(new URL(`./ledger-${name}.lua`, import.meta.url), 'utf8')
}

type Run = (keys: number, ...keysAndArgs: readonly string[]) => Promise<unknown>

/** Makes the scripts known to a connection. They are sent once, and by their hash from then on. */
export function defineScripts (client: RedisClient, texts: ScriptTexts): void {
  for (const name of ledgerScripts) client.defineCommand(`ledger_${name}`, { lua: texts[name] })
}

export function runScript (client: RedisClient, name: LedgerScript, { keys, args }: ScriptCall): Promise<unknown> {
  const scripts = client as unknown as Readonly<Record<`ledger_${LedgerScript}`, Run>>
  return scripts[`ledger_${name}`](keys.length, ...keys, ...args)
}
