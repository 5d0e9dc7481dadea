import type { FastifyBaseLogger } from 'fastify'
import { destination, pino } from 'pino'
import { secretsOf } from './config/secrets-of.ts'
import type { Config } from './config/schema.ts'
import { requestLogger } from './telemetry/log-line.ts'
import type { LogRequest } from './telemetry/log-line.ts'
import { prettyLine } from './telemetry/pretty-line.ts'
import { createScrubber } from './telemetry/scrubber.ts'

/** Where lines go. */
export interface LogOutput {
  write (line: string): void
  /** Nothing is held back afterwards. */
  flushSync (): void
}

export interface Log {
  readonly logger: FastifyBaseLogger
  readonly logRequest: LogRequest
  flush (): void
}

/** Lines are written together, for a system call a line costs a third of the line: at most so many bytes, ms. */
const gatheredBytes = 8192
const gatheredMs = 200
/** What never belongs into a line, should someone log a request or its headers. Without wildcards, which cost more than the whole line. */
const redact = [
  'headers.authorization', 'headers["api-key"]', 'headers.cookie',
  'req.headers.authorization', 'req.headers["api-key"]', 'req.headers.cookie'
]

/** Lines of JSON, or on a terminal lines for people. Keys and secrets are taken out of every line, whoever wrote it. */
export function createLogger (config: Config, output: LogOutput = standardOutput()): Log {
  const scrub = createScrubber(secretsOf(config))
  // pino's fatal() looks for flushSync.
  const stream: LogOutput = {
    write: line => { output.write(scrub(line)) },
    flushSync: () => { output.flushSync() }
  }
  const formatters = { level: (label: string) => ({ level: label }) }
  const logger = pino({ level: config.log_level, base: null, redact, formatters }, stream)
  return { logger, logRequest: requestLogger(logger, line => { stream.write(line) }), flush: () => { output.flushSync() } }
}

/** Lines of JSON as they are, or on a terminal for people. */
export function standardOutput (): LogOutput {
  if (process.stdout.isTTY) {
    const terminal = destination(1)
    return { write: line => { terminal.write(prettyLine(line)) }, flushSync: () => { terminal.flushSync() } }
  }
  // As buffers: strings are measured anew with every line that joins them (1 µs of the line's 4).
  const gathered = destination({ dest: 1, minLength: gatheredBytes, periodicFlush: gatheredMs, sync: true, contentMode: 'buffer' })
  // Its types know only the other mode.
  return { write: line => { gathered.write(Buffer.from(line) as unknown as string) }, flushSync: () => { gathered.flushSync() } }
}
