/** One line of the report: what was looked at, how it is, and what to do. */
export interface Finding {
  readonly check: string
  readonly level: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** Null where nothing has to be done. */
  readonly fix: string | null
}

export function ok (check: string, message: string): Finding {
  return { check, level: 'ok', message, fix: null }
}

export function warn (check: string, message: string, fix: string): Finding {
  return { check, level: 'warn', message, fix }
}

export function fail (check: string, message: string, fix: string): Finding {
  return { check, level: 'fail', message, fix }
}

/** `ECONNREFUSED`, or the message's first line: never a whole URL, which may hold a password. */
export function reasonOf (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.split('\n', 1)[0] ?? ''
}
