import { usdOf } from '../metering/money.ts'
import type { RequestLine } from './log-line.ts'

interface ErrorFields {
  readonly stack?: string
  readonly message?: string
}

type Line = Partial<RequestLine> & { readonly level?: string, readonly time?: number, readonly msg?: string, readonly err?: ErrorFields }

const grey = (text: string): string => `\u001b[90m${text}\u001b[39m`
const red = (text: string): string => `\u001b[31m${text}\u001b[39m`
const yellow = (text: string): string => `\u001b[33m${text}\u001b[39m`

/** A line of JSON as people read it: `12:03:04 search gpt-5-mini 200 stream 1.2s ttft 310ms 812+94 tok $0.0011 hit`. */
export function prettyLine (json: string): string {
  const line = parse(json)
  if (line === null) return json
  const time = new Date(line.time ?? 0).toTimeString().slice(0, 8)
  const text = line.msg === 'request' && line.total_ms !== undefined ? requestText(line, line.total_ms) : messageText(line)
  return `${grey(time)} ${text}\n`
}

function requestText (line: Line, totalMs: number): string {
  const { status = 0, first_token_ms: firstToken, input_tokens: input, output_tokens: output, cost_nano_usd: cost } = line
  return [
    line.project ?? '-',
    line.model ?? `${line.method} ${line.route ?? '?'}`,
    coloured(status),
    line.stream === true && 'stream',
    duration(totalMs),
    firstToken !== undefined && `ttft ${duration(firstToken)}`,
    input !== undefined && `${input}+${output} tok`,
    cost !== undefined && `$${usdOf(cost).toPrecision(2)}`,
    line.cache,
    line.left === true && yellow('left'),
    line.limit !== undefined && yellow(line.limit),
    line.error !== undefined && red(line.error)
  ].filter(part => part !== false && part !== undefined).map(part => plain(String(part))).join(' ')
}

function messageText ({ level = 'info', msg = '', time: _time, err, ...rest }: Line): string {
  const fields = Object.entries(rest).map(([name, value]) => grey(plain(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)))
  const stack = err === undefined ? [] : (err.stack ?? err.message ?? '').split('\n').map(frame => `\n    ${plain(frame)}`)
  return [level === 'info' ? '' : coloured(level), plain(msg), ...fields].filter(part => part !== '').join(' ') + stack.join('')
}

function coloured (value: number | string): string {
  const bad = typeof value === 'number' ? value >= 500 : value === 'error' || value === 'fatal'
  const doubtful = typeof value === 'number' ? value >= 400 : value === 'warn'
  if (bad) return red(String(value))
  return doubtful ? yellow(String(value)) : String(value)
}

function duration (ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`
}

/** Nothing that came from outside steers the terminal: of the control characters only our own colours stay. */
function plain (text: string): string {
  return text.replace(/\u001b\[(?:31|33|39|90)m|\p{Cc}/gu, found => found.length > 1 ? found : '?')
}

function parse (json: string): Line | null {
  try {
    return JSON.parse(json) as Line
  } catch {
    return null
  }
}
