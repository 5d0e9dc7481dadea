import fc from 'fast-check'
import type { Test } from 'tap'

/** One assertion for a whole property: the counterexample, shrunk, is in the failure's message. */
export function holds<Values> (t: Test, property: fc.IProperty<Values>, parameters: fc.Parameters<Values> = {}): void {
  const result = fc.check(property, parameters)
  if (result instanceof Promise) throw new TypeError('an asynchronous property')
  t.equal(result.failed ? fc.defaultReportMessage(result) : undefined, undefined)
}
