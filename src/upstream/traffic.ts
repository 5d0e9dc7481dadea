/** How a request to an upstream was answered. `none`: not at all, the connection failed or a deadline passed first. `aborted`: nobody waited for it any more. */
export type AnswerKind = '2xx' | '3xx' | '4xx' | '429' | '5xx' | 'none' | 'aborted'

/** Why a request was sent again: a connection failed, a key was refused or limited, or another model's upstream stands in. */
export type RetryReason = 'connection' | 'key' | 'fallback'

const kinds: Readonly<Record<number, AnswerKind>> = { 2: '2xx', 3: '3xx', 4: '4xx', 5: '5xx' }

/** Counts, since the start of the process, what was sent to one upstream. */
export class Traffic {
  readonly answers: Record<AnswerKind, number> = { '2xx': 0, '3xx': 0, '4xx': 0, 429: 0, '5xx': 0, none: 0, aborted: 0 }
  readonly retries: Record<RetryReason, number> = { connection: 0, key: 0, fallback: 0 }

  answered (status: number): void {
    this.answers[status === 429 ? '429' : kinds[Math.floor(status / 100)] ?? '5xx']++
  }
}
