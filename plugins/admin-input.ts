import type { FastifyInstance, FastifySchema } from 'fastify'
import fp from 'fastify-plugin'
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import Value from 'typebox/value'
import { GatewayError } from '../src/openai/errors.ts'

/**
 * How requests to the admin API are read: JSON bodies as they are, query strings converted to what the schema says. Arrays in a
 * query come as `name[]=a&name[]=b` (the SDKs), `name=a&name=b` or `name=a,b`; members as `name[member]=a`.
 */
async function adminInput (app: FastifyInstance): Promise<void> {
  app.setValidatorCompiler<FastifySchema & TSchema>(({ schema, httpPart }) => {
    const validator = Compile(schema)
    return (input: unknown) => {
      const value: unknown = httpPart === 'querystring' ? Value.Default(schema, Value.Convert(schema, plainQuery(schema, input as Query))) : input ?? {}
      return validator.Check(value) ? { value } : { error: validator.Errors(value) as unknown as Error }
    }
  })

  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.awaitsContinue) reply.raw.writeContinue()
    done()
  })

  // Fastify's own parser refuses an empty body, which SDKs send with `content-type: application/json` where there is nothing to say.
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : parseJson(String(body)))
    } catch (cause) {
      done(new GatewayError('invalid_json', { cause }))
    }
  })
}

type Query = Readonly<Record<string, string | string[]>>

function plainQuery (schema: TSchema, query: Query): Record<string, unknown> {
  const properties = 'properties' in schema ? schema.properties as Readonly<Record<string, object>> : {}
  const plain = new Map<string, unknown>()
  for (const [name, value] of Object.entries(query)) {
    const [, list, object, member] = /^(?:(\w+)\[\d*\]|(\w+)\[(\w+)\])$/.exec(name) ?? []
    const property = list ?? name
    if (object !== undefined) plain.set(object, { ...plain.get(object) as object | undefined, [member ?? '']: value })
    else plain.set(property, isList(properties[property]) ? [value].flat().flatMap(item => item.split(',')) : value)
  }
  return Object.fromEntries(plain)
}

function isList (property: object | undefined): boolean {
  return property !== undefined && 'items' in property
}

/** No key may reach a prototype. */
function parseJson (text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (key === '__proto__') throw new SyntaxError('"__proto__" is no member')
    return value
  })
}

export default fp(adminInput, { name: 'admin-input', fastify: '5.x', dependencies: ['admin-errors', 'protocol'], decorators: { request: ['awaitsContinue'] } })
