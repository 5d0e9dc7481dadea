import { test } from 'tap'
import { readTap } from '../../scripts/tap-results.ts'

const run = `TAP version 14
# Subtest: a.test.ts
    # Subtest: outer
        not ok 1 - one is two
          ---
          at:
            lineNumber: 3
          source: |
            t.equal(1, 2)
          diff: |
            -2
            +1
          ...
        not ok 2 - some day # TODO
        not ok 3 - elsewhere # SKIP
        ok 4 - the rest
        1..4
    not ok 1 - outer
    1..1
not ok 1 - a.test.ts
  ---
  exitCode: 1
  signal: null
  ...
# Subtest: b.test.ts
    ok 1 - fine
    1..1
ok 2 - b.test.ts
1..2
`

test('files are counted; the assertion, the test and the file are named, with what tells where and why', async t => {
  t.strictSame(readTap(run), {
    passed: 1,
    failed: ['a.test.ts'],
    failures: [
      'a.test.ts > outer > one is two\n  at: { lineNumber: 3 }\n  diff: -2\n    +1',
      'a.test.ts > outer',
      'a.test.ts\n  exitCode: 1'
    ]
  })
})

test('a run without failures', async t => {
  t.strictSame(readTap('TAP version 14\nok 1 - fine\n1..1\n'), { passed: 1, failed: [], failures: [] })
})
