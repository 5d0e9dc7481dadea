import { test } from 'tap'
import { errorClass, errorReason } from '../../src/openai/error-class.ts'
import { errorTable } from '../../src/openai/errors.ts'
import type { ErrorCode } from '../../src/openai/errors.ts'

const codes = Object.keys(errorTable) as ErrorCode[]

test('a failure of the caller or of a policy is a 4xx, a failure of the gateway a 5xx', async t => {
  for (const code of codes) {
    const byClass = { caller: 4, policy: 4, upstream: null, gateway: 5 }[errorClass(code)]
    t.not(byClass, undefined, `${code} has a class`)
    if (byClass !== null) t.equal(Math.floor(errorTable[code].status / 100), byClass, code)
  }
})

test('the codes that people ask about', async t => {
  const expected: Partial<Record<ErrorCode, string>> = {
    invalid_json: 'caller_invalid_json',
    invalid_api_key: 'caller_invalid_api_key',
    rate_limit_exceeded: 'policy_rate_limit_exceeded',
    insufficient_quota: 'policy_insufficient_quota',
    request_exceeds_limit: 'policy_request_exceeds_limit',
    upstream_rate_limited: 'upstream_rate_limited',
    upstream_timeout: 'upstream_timeout',
    overloaded: 'gateway_overloaded',
    gateway_timeout: 'gateway_timeout'
  }
  for (const [code, reason] of Object.entries(expected)) t.equal(errorReason(code as ErrorCode), reason)
})

test('reasons are as many as codes, and named for a metric label', async t => {
  const reasons = codes.map(errorReason)
  t.equal(new Set(reasons).size, codes.length)
  for (const reason of reasons) t.match(reason, /^(caller|policy|upstream|gateway)_[a-z0-9_]+$/)
})
