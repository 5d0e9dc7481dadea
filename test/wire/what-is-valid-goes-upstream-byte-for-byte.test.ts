import t from 'tap'
import { post, startListener, validBody } from './wire-case.ts'
import { RawConnection } from './raw-connection.ts'

const bodies = {
  'a seed beyond the numbers of JavaScript': '{"seed":9223372036854775807,"model":"m","messages":[{"role":"user","content":"Hi"}]}',
  'numbers in unusual spellings': '{"model":"m","messages":[{}],"seed":-0,"temperature":1.0,"top_p":1E-3,"n":1e0}',
  'a tool whose schema has __proto__ and constructor': '{"model":"m","messages":[{}],"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"__proto__":{"type":"string"},"constructor":{"prototype":{}}}}}}]}',
  'keys twice inside, spaces and escapes': '{ "model" : "\\u006d",\t"messages":[{"role":"user","content":"\\ud83d\\ude00 \\ud800 \u{1f600} \\/"}],\r\n"metadata":{"a":1,"a":2} }',
  'unknown parameters and null': '{"model":"m","messages":[{}],"seed":null,"a_parameter_of_tomorrow":{"x":[1,2,3]}}'
}

t.test('bodies', async t => {
  const { gateway, provider } = await startListener(t)
  for (const [title, body] of Object.entries({ ...bodies, 'a body in pieces': validBody })) {
    const connection = await RawConnection.open(gateway.publicUrl)
    for (const byte of post(body)) connection.send(Buffer.of(byte))
    t.equal((await connection.answer()).status, 200, title)
    t.equal(provider.requests.at(-1)?.body.toString(), body, title)
    connection.destroy()
  }
})
