import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { adminKeyId, digestKey, isKeyFault, parseAdminKey, sameDigest } from '../src/keys/key.ts'
import { GatewayError } from '../src/openai/errors.ts'
import { AdminKeyring } from '../src/stores/admin-keyring.ts'
import type { Actor, Directory } from '../src/stores/directory.ts'

export interface AdminAuthOptions {
  readonly directory: Directory
  /** The secret under which keys are hashed. */
  readonly pepper: string
  /** Routes that need no key. Everything else does, and so does what is not there. */
  readonly open: readonly string[]
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who changes something, for the audit log. Set wherever an admin key was asked for. */
    actor: Actor
  }
}

/** Compared where no key is known, so that a 401 takes as long for a wrong secret as for a wrong id. */
const noDigest = Buffer.alloc(32)

/** Admin key → actor. Keys are looked up in memory: guessing never reaches the store. */
async function adminAuth (app: FastifyInstance, { directory, pepper, open }: AdminAuthOptions): Promise<void> {
  const keyring = new AdminKeyring(directory)
  const needsNoKey = new Set(open)
  app.decorateRequest('actor')
  app.addHook('onClose', () => { keyring.close() })

  app.addHook('onRequest', (request, _reply, done) => {
    if (needsNoKey.has(request.routeOptions.url ?? '')) done()
    else app.door.pass(request, done, () => { identify(request).then(() => { done() }, done) })
  })

  async function identify (request: FastifyRequest): Promise<void> {
    const token = bearerToken(request)
    if (token === null) throw refusal(request, new GatewayError('missing_api_key', { message: 'The admin API needs an admin key. Use the header "Authorization: Bearer sk-tgadmin_…".' }))
    const id = adminKeyId(token, pepper)
    const key = await keyring.find(id)
    const isKey = sameDigest(digestKey(token, pepper), key?.digest ?? noDigest)
    if (key === null || !isKey) throw refusal(request, invalid(complaint(token)))
    if (key.expiresAt !== null && key.expiresAt <= Date.now() / 1000) throw refusal(request, invalid('The admin key has expired.'))
    directory.adminKeys.noteUse(id)
    request.actor = { type: 'admin_key', id, address: request.ip }
  }

  function refusal (request: FastifyRequest, failure: GatewayError): GatewayError {
    app.door.noteRefusal(request)
    return failure
  }
}

/** RFC 6750 §2.1; the scheme is case-insensitive. Null: there is none. */
function bearerToken ({ headers }: FastifyRequest): string | null {
  return /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? null
}

function complaint (token: string): string {
  const key = parseAdminKey(token)
  if (!isKeyFault(key)) return 'The admin key is not known here.'
  return key.fault === 'project_key' || key.fault === 'wrong_checksum' ? key.message : 'This is no admin key of this gateway. They begin with "sk-tgadmin_".'
}

function invalid (message: string): GatewayError {
  return new GatewayError('invalid_api_key', { message })
}

export default fp(adminAuth, { name: 'admin-auth', fastify: '5.x', dependencies: ['errors', 'door'], decorators: { fastify: ['door'] } })
