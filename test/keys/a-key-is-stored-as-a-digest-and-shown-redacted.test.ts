import t from 'tap'
import { digestKey, mintKey, redactKey, sameDigest } from '../../src/keys/key.ts'

t.test('the digest is HMAC-SHA256 under the pepper', async t => {
  const digest = digestKey('what do ya want for nothing?', 'Jefe')
  t.equal(digest.toString('hex'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'RFC 4231, test case 2')
})

t.test('only the same token under the same pepper has the same digest', async t => {
  const { token } = mintKey()
  const digest = digestKey(token, 'pepper')
  t.ok(sameDigest(digest, digestKey(token, 'pepper')))
  t.notOk(sameDigest(digest, digestKey(token, 'another')))
  t.notOk(sameDigest(digest, digestKey(mintKey().token, 'pepper')))
  t.notOk(sameDigest(digest, Buffer.alloc(0)), 'digests of other lengths differ')
})

t.test('a redacted key shows its prefix, four characters of its id and its last four', async t => {
  const { id, token } = mintKey()
  t.equal(redactKey(token), `sk-tg_${id.slice(0, 4)}…${token.slice(-4)}`)
  t.notMatch(redactKey(token), token.split('_')[2] ?? '')
})

t.test('a short or strange token is redacted whole', async t => {
  t.equal(redactKey('sk-tg_abc'), '…')
  t.equal(redactKey('x'.repeat(100)), '…')
})
