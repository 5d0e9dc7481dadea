import type { Member, ScannedObject } from '../openai/scan.ts'
import { stringEnd } from '../openai/scanner.ts'

const QUOTE = 0x22
const SPACE = 0x20

/**
 * One spelling for every way to write the same request: members sorted by key and without those in `omitted`, no whitespace
 * outside strings, string escapes as `JSON.stringify` writes them (Python clients send `\u00e9` where JavaScript sends `é`).
 * All else stays as it is written: the order below the top level, which a model can see, and the digits of numbers, which
 * need not fit a JS number.
 *
 * @returns canonical JSON, its UTF-8 bytes as a latin1 string like `scanned.text`
 */
export function canonicalObject ({ text, members }: ScannedObject, omitted: ReadonlySet<string>): string {
  const keys = [...members.keys()].filter(key => !omitted.has(key)).sort()
  // Without these two escapes, a string has only one spelling: a search of the whole body spares a look at each string.
  const respell = text.includes('\\u') || text.includes('\\/')
  const parts = keys.map(key => canonicalMember(text, members.get(key) as Member, respell))
  return `{${parts.join(',')}}`
}

function canonicalMember (text: string, { keyStart, start, end }: Member, respell: boolean): string {
  const key = text.slice(keyStart, stringEnd(text, keyStart))
  return `${respell ? canonicalString(key) : key}:${canonicalValue(text, start, end, respell)}`
}

function canonicalValue (text: string, start: number, end: number, respell: boolean): string {
  let out = ''
  let copied = start
  for (let at = start; at < end;) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const close = stringEnd(text, at)
      if (respell) {
        out += text.slice(copied, at) + canonicalString(text.slice(at, close))
        copied = close
      }
      at = close
    } else if (code <= SPACE) {
      out += text.slice(copied, at)
      while (text.charCodeAt(at) <= SPACE) at++
      copied = at
    } else {
      at++
    }
  }
  return out + text.slice(copied, end)
}

/** A string that is no valid JSON (the scan leaves that to the upstream) stays as it is: no valid one is spelled like it. */
function canonicalString (raw: string): string {
  if (!raw.includes('\\')) return raw
  try {
    const value: unknown = JSON.parse(Buffer.from(raw, 'latin1').toString('utf8'))
    return Buffer.from(JSON.stringify(value)).toString('latin1')
  } catch {
    return raw
  }
}
