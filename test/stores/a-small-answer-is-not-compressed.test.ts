import t from 'tap'
import { answerOf, newKey, seal } from './answer-store-contract.ts'

t.test('only what is worth it is compressed, and both open', async t => {
  const key = newKey()
  const [small, large] = [answerOf('x'.repeat(900)), answerOf('x'.repeat(1100))]
  const sealed = { small: await seal.seal(key, small), large: await seal.seal(key, large) }
  t.ok(sealed.small.length > 900)
  t.ok(sealed.large.length < 200)
  t.strictSame(await seal.open(key, sealed.small), small)
  t.strictSame(await seal.open(key, sealed.large), large)
})
