import { test } from 'tap'
import { newRequest, resilientScene } from './resilient-scene.ts'

test('a Redis that drops keys when its memory is full is refused in plain words', async t => {
  const { ledger, next } = await resilientScene(t, '--maxmemory-policy', 'allkeys-lru', '--appendonly', 'yes')
  t.match(await next('warning'), { message: /maxmemory-policy allkeys-lru.*Set noeviction/ })
  await t.rejects(ledger.admit(newRequest()), { cause: { message: /noeviction/ } })
  t.notOk(ledger.health().available)
})

test('one that writes no append-only file is warned about, and used', async t => {
  const { ledger, next } = await resilientScene(t)
  t.match(await next('warning'), { message: /append-only file.*Set appendonly yes/ })
  await ledger.ready()
  t.ok((await ledger.admit(newRequest())).admitted)
})
