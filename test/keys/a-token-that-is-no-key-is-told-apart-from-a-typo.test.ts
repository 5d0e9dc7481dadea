import fc from 'fast-check'
import t from 'tap'
import { isKeyFault, mintAdminKey, mintKey, parseAdminKey, parseKey } from '../../src/keys/key.ts'

function faultOf (token: string): string | null {
  const parsed = parseKey(token)
  return isKeyFault(parsed) ? parsed.fault : null
}

t.test('each kind of wrong token has its own fault', async t => {
  t.equal(faultOf('sk-proj-abcdefghijklmnopqrstuvwxyz0123456789'), 'openai_key')
  t.equal(faultOf('sk-abcdefghijklmnopqrstuvwxyz'), 'openai_key')
  t.equal(faultOf(mintAdminKey().token), 'admin_key')
  t.equal(faultOf(mintKey().token.slice(0, -1)), 'wrong_checksum')
  t.equal(faultOf(mintKey().token + 'x'), 'wrong_checksum')
  t.equal(faultOf(''), 'not_a_key')
  t.equal(faultOf('hello'), 'not_a_key')
})

t.test('an admin key is asked for by name when a project key is sent', async t => {
  t.match(parseAdminKey(mintKey().token), { fault: 'project_key' })
  t.match(parseAdminKey('sk-abc'), { fault: 'openai_key' })
  t.match(parseAdminKey('abc'), { fault: 'not_a_key' })
})

t.test('changing any one character is a wrong checksum', async t => {
  const { token } = mintKey()
  for (let at = 'sk-tg_'.length; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A'
    t.equal(faultOf(token.slice(0, at) + other + token.slice(at + 1)), 'wrong_checksum', `character ${at}`)
  }
})

t.test('garbage of any length and alphabet never throws and is never a key', async () => {
  const garbage = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constant('é'.repeat(10_240)), fc.constant('sk-tg_' + 'a'.repeat(10_240)))
  fc.assert(fc.property(garbage, fc.constantFrom('', 'sk-tg_', 'sk-tgadmin_', 'sk-'), (text, prefix) =>
    isKeyFault(parseKey(prefix + text)) && isKeyFault(parseAdminKey(prefix + text))))
})

t.test('no fault repeats any of the token', async t => {
  const parsed = parseKey('sk-tg_verysecret')
  t.notMatch(JSON.stringify(parsed), /verysecret/)
})
