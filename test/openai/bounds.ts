import type { Test } from 'tap'
import { GatewayError } from '../../src/openai/errors.ts'
import type { ScanBounds } from '../../src/openai/scan.ts'

/** Bounds that no ordinary body meets. */
export const wide: ScanBounds = { maxDepth: 64, maxTokens: 100_000 }

/** What a refusal looks like to `t.throws`. */
export interface Refusal {
  readonly code: string
  readonly param?: string
}

/** The call must be refused with this code, parameter and status 400 or 404. */
export function refuses (t: Test, run: () => unknown, refusal: Refusal, name: string): void {
  try {
    run()
    t.fail(`${name}: accepted`)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    t.strictSame({ code: error.code, param: error.param }, { param: null, ...refusal }, name)
  }
}
