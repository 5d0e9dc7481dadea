import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GatewayError } from '../openai/errors.ts'

interface Stored {
  readonly base: string
  /** What OpenAI calls the id in the path. */
  readonly param: 'response_id' | 'conversation_id' | 'completion_id'
  /** What can be done with one: the method, and where below its id. */
  readonly deeds: ReadonlyArray<readonly ['GET' | 'POST' | 'DELETE', string]>
}

/** There are no lists: an upstream knows the gateway's one key, and would list what belongs to others. */
const kinds: readonly Stored[] = [
  { base: '/responses', param: 'response_id', deeds: [['GET', ''], ['DELETE', ''], ['POST', '/cancel'], ['GET', '/input_items']] },
  {
    base: '/conversations',
    param: 'conversation_id',
    deeds: [['GET', ''], ['POST', ''], ['DELETE', ''], ['GET', '/items'], ['POST', '/items'], ['GET', '/items/:item'], ['DELETE', '/items/:item']]
  },
  { base: '/chat/completions', param: 'completion_id', deeds: [['GET', ''], ['POST', ''], ['DELETE', ''], ['GET', '/messages']] }
]

/** Ids are opaque, but they become part of the upstream's path: nothing in them may be read as a path or a query. */
const idShape = /^[\w:-][\w.:-]{0,255}$/

interface ById { Params: { readonly id: string, readonly item?: string } }

/** What an upstream stores for a project: responses, conversations, chat completions. An upstream that does not answers 404 itself. */
export default async function stored (app: FastifyInstance): Promise<void> {
  app.post('/v1/conversations', { config: { makesStored: true } }, (request, reply) => {
    app.forward(request, reply, { method: 'POST', path: '/conversations' })
  })

  for (const { base, param, deeds } of kinds) {
    for (const [method, below] of deeds) {
      app.route<ById>({
        method,
        url: `/v1${base}/:id${below}`,
        config: { stored: param },
        handler: (request, reply) => { app.forward(request, reply, { method, path: pathOf(request, base, below) }) }
      })
    }
  }
}

/** Built from constants, checked ids and the caller's query as it came; never from the caller's path. */
function pathOf ({ params: { id, item = '' }, url }: FastifyRequest<ById>, base: string, below: string): string {
  for (const part of below.endsWith('/:item') ? [id, item] : [id]) {
    if (!idShape.test(part)) throw new GatewayError('not_found', { message: `There is no "${part.slice(0, 100)}" of your project.` })
  }
  const query = url.indexOf('?')
  return `${base}/${id}${below.replace(':item', item)}${query < 0 ? '' : url.slice(query)}`
}
