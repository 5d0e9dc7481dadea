import type { Call } from '../openai/call.ts'

/**
 * How many tokens a prompt may be. Never exact: the provider's own count replaces it when the request is settled.
 *
 * Tokenizing costs about half a microsecond a token, more than everything else that the gateway does with a request. So a request is
 * first estimated by its bytes, generously; only one that this estimate would refuse is worth counting.
 */

/** Counts the tokens of a text that is short enough for the tokenizer: its time grows with the square of a run without a break. */
export type CountTokens = (text: string) => number

/** English has 4.2 bytes a token, code 3.3, Chinese and Japanese 3.6 to 4.2 (o200k): this errs upwards. */
const generousBytesPerToken = 3
const averageBytesPerToken = 4
/** What an image or another file inside the prompt counts: a large image in high detail. */
const tokensPerFile = 1500
/** 160 KB of one letter keep a tokenizer busy for 12 s; 1 MB in slices of this many characters, 11 ms. Slicing counts 0.16 % too much. */
const sliceLength = 2048
/** Longer prompts are not worth counting, bytes. */
const maxCountedBytes = 256 * 1024

/** By bytes alone, rather too many. */
export function roughTokens ({ scanned: { text } }: Call): number {
  const files = filesIn(text)
  return Math.ceil(bytesBeside(files, text) / generousBytesPerToken) + files.length * tokensPerFile
}

/** Counted, slice by slice: `next()` after each gives the event loop a chance. The last value is the number of tokens. */
export function * countedTokens ({ body, scanned: { text } }: Call, countTokens: CountTokens): Generator<void, number> {
  const files = filesIn(text)
  const bytes = bytesBeside(files, text)
  let tokens = files.length * tokensPerFile
  if (bytes > maxCountedBytes) return Math.ceil(bytes / averageBytesPerToken) + tokens
  let from = 0
  for (const { start, end } of [...files, { start: text.length, end: text.length }]) {
    const beside = body.toString('utf8', from, start)
    for (let at = 0; at < beside.length; at += sliceLength) {
      tokens += countTokens(beside.slice(at, at + sliceLength))
      yield
    }
    from = end
  }
  return tokens
}

/** A file inside the prompt: the base64 of a data URL. Offsets are bytes of the body. */
interface FileSpan {
  readonly start: number
  readonly end: number
}

const base64Marker = ';base64,'

function filesIn (text: string): FileSpan[] {
  const files: FileSpan[] = []
  for (let marker = text.indexOf(base64Marker); marker !== -1; marker = text.indexOf(base64Marker, files.at(-1)?.end)) {
    const start = marker + base64Marker.length
    const quote = text.indexOf('"', start)
    files.push({ start, end: quote === -1 ? text.length : quote })
  }
  return files
}

/** Bytes of everything but the files. */
function bytesBeside (files: readonly FileSpan[], text: string): number {
  return files.reduce((bytes, { start, end }) => bytes - (end - start), text.length)
}
