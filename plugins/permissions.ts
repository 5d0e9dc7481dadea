import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { missingScopes } from '../src/keys/scopes.ts'
import type { Deed } from '../src/keys/scopes.ts'
import { GatewayError } from '../src/openai/errors.ts'
import type { Credential } from '../src/stores/directory.ts'
import { mayUseModel } from '../src/stores/directory/permissions.ts'

/** What the caller may do: its key's scopes, its project's models. */
async function permissions (app: FastifyInstance): Promise<void> {
  app.addHook('preHandler', (request, _reply, done) => {
    const { call, caller } = request
    done(caller === null ? undefined : faultOfScopes(request, caller) ?? (call === null ? undefined : faultOfModel(caller, call.model)))
  })
}

function faultOfScopes (request: FastifyRequest, { key }: Credential): GatewayError | undefined {
  if (key.scopes === null) return undefined
  const missing = missingScopes(key.scopes, deedOf(request))
  if (missing === null) return undefined
  return new GatewayError('permission_denied', { message: `This key may not do that: it needs one of the scopes ${missing.join(', ')}.` })
}

function deedOf ({ call, method, routeOptions: { url = '' } }: FastifyRequest): Deed {
  if (call !== null) return 'model.request'
  if (/^\/v1\/(?:responses|conversations|chat)/.test(url)) return method === 'GET' ? 'responses.read' : 'responses.write'
  return 'models.read'
}

/** As OpenAI answers: nobody learns which models there are for others. */
function faultOfModel ({ project }: Credential, model: string): GatewayError | undefined {
  if (mayUseModel(project.models, model)) return undefined
  return new GatewayError('model_not_found', {
    param: 'model',
    message: `The model "${model.slice(0, 100)}" does not exist or your project does not have access to it.`
  })
}

export default fp(permissions, { name: 'permissions', fastify: '5.x', dependencies: ['auth', 'body'], decorators: { request: ['call', 'caller'] } })
