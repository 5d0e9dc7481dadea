import { crc32 } from 'node:zlib'
import t from 'tap'
import { isKeyFault, mintAdminKey, mintKey, parseAdminKey, parseKey } from '../../src/keys/key.ts'

t.test('a minted key has the documented shape and parses to itself', async t => {
  const key = mintKey()
  t.match(key.token, /^sk-tg_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/)
  t.same(parseKey(key.token), key)
  t.equal(key.token.split('_')[1], key.id)
})

t.test('a minted admin key has its own prefix and parses to itself', async t => {
  const key = mintAdminKey()
  t.match(key.token, /^sk-tgadmin_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/)
  t.same(parseAdminKey(key.token), key)
})

t.test('the checksum is the CRC-32 of everything before it, in base 62', async t => {
  const { token } = mintKey()
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const value = [...token.slice(-6)].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0)
  t.equal(value, crc32(token.slice(0, -6)))
})

t.test('no two keys are alike, and every character is used', async t => {
  const tokens = Array.from({ length: 500 }, () => mintKey().token)
  t.equal(new Set(tokens).size, 500)
  t.equal(new Set(tokens.flatMap(token => token.split('_')[2]?.split(''))).size, 62)
})

t.test('a parsed key is not a fault', async t => {
  t.notOk(isKeyFault(parseKey(mintKey().token)))
  t.ok(isKeyFault(parseKey('x')))
})
