import { test } from 'tap'
import { prettyLine } from '../../src/telemetry/pretty-line.ts'

const time = new Date(2026, 10, 22, 12, 3, 4).getTime()

/** Without colours. */
function shown (line: Record<string, unknown>): string {
  return prettyLine(JSON.stringify({ level: 'info', time, ...line })).replace(/\u001b\[\d+m/g, '')
}

test('a request is one short line', async t => {
  const request = {
    msg: 'request',
    request_id: 'req_1',
    method: 'POST',
    route: '/v1/chat/completions',
    status: 200,
    project: 'search',
    model: 'gpt-5-mini',
    stream: true,
    input_tokens: 812,
    output_tokens: 94,
    cost_nano_usd: 1_100_000,
    cache: 'hit',
    total_ms: 1203.4,
    first_token_ms: 310.2
  }
  t.equal(shown(request), '12:03:04 search gpt-5-mini 200 stream 1.2s ttft 310ms 812+94 tok $0.0011 hit\n')
  t.equal(shown({ msg: 'request', method: 'GET', route: null, status: 404, total_ms: 3.2, error: 'unknown_url' }), '12:03:04 - GET ? 404 3ms unknown_url\n')
  t.equal(shown({ ...request, cache: undefined, status: 429, limit: 'project tokens_per_minute', error: 'rate_limit_exceeded', left: true }),
    '12:03:04 search gpt-5-mini 429 stream 1.2s ttft 310ms 812+94 tok $0.0011 left project tokens_per_minute rate_limit_exceeded\n')
})

test('anything else is its message and its fields, errors with their stacks', async t => {
  t.equal(shown({ msg: 'listening', public: 'http://127.0.0.1:8080', workers: 2 }), '12:03:04 listening public=http://127.0.0.1:8080 workers=2\n')
  t.equal(shown({ level: 'error', msg: 'failed', err: { stack: 'Error: no\n    at x' } }), '12:03:04 error failed\n    Error: no\n        at x\n')
})

test('nothing from outside steers the terminal', async t => {
  const line = prettyLine(JSON.stringify({ level: 'info', time, msg: 'a\u001b[2Jb\r\nc', field: '\u0007\u009b31m', err: { stack: 'x\u001b]0;y' } }))
  t.notMatch(line, /\u001b(?!\[(31|33|39|90)m)/)
  t.notMatch(line, /[\u0000-\u0009\u000b-\u001a\u007f-\u009f]/)
})

test('a line that is no JSON passes as it is', async t => {
  t.equal(prettyLine('plain\n'), 'plain\n')
})
