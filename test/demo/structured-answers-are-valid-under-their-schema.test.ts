import fc from 'fast-check'
import t from 'tap'
import Schema from 'typebox/schema'
import { instanceOf } from '../../src/upstream/demo/schema.ts'
import { startDemo } from '../helpers/demo.ts'
import { chatJson, respondJson } from './support.ts'

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 3, maxLength: 40 },
    born: { type: 'string', format: 'date' },
    mail: { anyOf: [{ type: 'string', format: 'email' }, { type: 'null' }] },
    age: { type: ['integer', 'null'], minimum: 0, maximum: 120 },
    mood: { enum: ['good', 'bad', 3, null] },
    parent: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
    friends: { type: 'array', items: { $ref: '#/$defs/friend' }, minItems: 1 },
    tags: { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 }
  },
  required: ['name', 'born', 'mail', 'age', 'mood', 'parent', 'friends', 'tags'],
  additionalProperties: false,
  $defs: {
    friend: { type: 'object', properties: { since: { const: 'ever' }, others: { type: 'array', items: { $ref: '#/$defs/friend' } } }, required: ['since'] }
  }
}

/** Schemas of many shapes, which can all be satisfied. */
const schemas = fc.letrec<{ schema: object }>(tie => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { const: 'x' }, { enum: [1, 'two', null] }, { type: 'string', format: 'uuid' }),
    fc.record({ type: fc.constant('string'), minLength: fc.nat(30), maxLength: fc.integer({ min: 30, max: 60 }) }),
    fc.record({ type: fc.constantFrom('integer', 'number'), minimum: fc.integer({ min: -50, max: 50 }), maximum: fc.integer({ min: 51, max: 90 }) }),
    fc.record({ type: fc.constant('integer'), exclusiveMinimum: fc.integer({ min: -50, max: 50 }), multipleOf: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ type: fc.constant('number'), exclusiveMinimum: fc.constant(0), exclusiveMaximum: fc.constantFrom(0.1, 1, 1000) }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat(3), maxItems: fc.integer({ min: 3, max: 5 }) }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.array(tie('schema'), { maxLength: 4 }).map(list => ({
      type: 'object',
      properties: Object.fromEntries(list.map((schema, i) => [`p${i}`, schema])),
      required: list.map((_, i) => `p${i}`).filter((_, i) => i % 2 === 0),
      additionalProperties: false
    })),
    fc.record({ a: tie('schema'), b: tie('schema') }).map(properties => ({
      allOf: [{ type: 'object', properties, required: ['a'] }, { type: 'object', required: ['b'] }]
    }))
  )
}))

t.test('an instance of any schema is valid', async () => {
  fc.assert(fc.property(schemas.schema, fc.nat(), (schema, hash) => Schema.Check(schema, instanceOf(schema, hash))))
})

t.test('recursive, nullable and referenced parts end, and are valid', async t => {
  for (let hash = 1; hash < 50; hash++) t.ok(Schema.Check(person, instanceOf(person, hash)))
})

t.test('a schema that can never be satisfied ends, too', async t => {
  const endless = { type: 'object', properties: { a: { $ref: '#' }, b: { $ref: '#' } }, required: ['a', 'b'] }
  t.ok(instanceOf(endless, 1))
  t.ok(instanceOf({ type: 'array', minItems: 1e9, items: { type: 'string', minLength: 1e9 } }, 1))
})

t.test('chat and responses answer with an instance', async t => {
  const demo = await startDemo(t)
  const chat = await chatJson(demo, { response_format: { type: 'json_schema', json_schema: { name: 'person', schema: person, strict: true } } })
  t.ok(Schema.Check(person, JSON.parse(String(chat.choices?.[0]?.message?.content))))
  const response = await respondJson(demo, { text: { format: { type: 'json_schema', name: 'person', schema: person } } })
  t.ok(Schema.Check(person, JSON.parse(String(response.output_text))))
})

t.test('JSON mode answers with a JSON object', async t => {
  const demo = await startDemo(t)
  const chat = await chatJson(demo, { response_format: { type: 'json_object' } })
  t.match(JSON.parse(String(chat.choices?.[0]?.message?.content)), { said: 'Hello there', answer: String })
  const response = await respondJson(demo, { text: { format: { type: 'json_object' } } })
  t.match(JSON.parse(String(response.output_text)), { said: 'Hello there', answer: String })
})
