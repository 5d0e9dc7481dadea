import type { Bootstrapped } from '../bootstrap.ts'
import type { Cursor, EndedRequest, ProcessView } from '../telemetry/live-requests.ts'
import type { Snapshot } from '../telemetry/merged-metrics.ts'

/** Where a gateway serves. */
export interface Served {
  /** `http://host:port` of each listener. */
  readonly publicUrl: string
  readonly operatorUrl: string
  /** The built-in provider answers, because no other is configured. */
  readonly demo: boolean
}

interface Topic<Detail, Answer> {
  readonly detail: Detail
  readonly answer: Answer
}

/** What a worker asks of, or tells, the primary. */
export interface ToPrimary {
  readonly serves: Topic<Served, void>
  /** What the first start made, once the store has been reached. */
  readonly bootstrapped: Topic<Bootstrapped, void>
  /** The metrics of all workers in Prometheus' text format. */
  readonly metrics: Topic<null, string>
  /** What goes on in all workers. */
  readonly live: Topic<Cursor, readonly ProcessView[]>
  /** A request that ended lately in any of them, by its id. */
  readonly ended: Topic<string, EndedRequest | null>
}

/** What the primary asks of, or tells, a worker. */
export interface ToWorker {
  readonly reload: Topic<null, void>
  readonly drain: Topic<null, void>
  readonly metrics: Topic<null, Snapshot>
  readonly live: Topic<Cursor, ProcessView>
  readonly ended: Topic<string, EndedRequest | null>
}
