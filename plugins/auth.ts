import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { digestKey, fingerprintKey, isKeyFault, parseKey, sameDigest } from '../src/keys/key.ts'
import type { ParsedKey } from '../src/keys/key.ts'
import { GatewayError } from '../src/openai/errors.ts'
import { CredentialCache } from '../src/stores/credential-cache.ts'
import { credentialFault } from '../src/stores/directory/credential.ts'
import type { CredentialFault } from '../src/stores/directory/credential.ts'
import type { Credential, Directory } from '../src/stores/directory.ts'

export interface AuthOptions {
  readonly directory: Directory
  /** The secret under which keys are hashed. */
  readonly pepper: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls. Set on every route of the public listener. */
    caller: Credential | null
  }
}

type Done = (error?: Error) => void

/** Compared where no key is known, so that a 401 takes as long for a wrong secret as for a wrong id. */
const noDigest = Buffer.alloc(32)

/**
 * Bearer key → caller. Shape and checksum first, then the cache, then the door, then the store; the secret is compared as a digest in
 * constant time. Who has proven a key's secret before skips the door: others' refusals at the same address are none of their business.
 */
async function auth (app: FastifyInstance, { directory, pepper }: AuthOptions): Promise<void> {
  const credentials = new CredentialCache(directory)
  /** Fingerprints of the tokens that were found to be a credential's. */
  const proven = new WeakMap<Credential, Buffer>()
  app.decorateRequest('caller', null)
  app.addHook('onClose', () => { credentials.close() })

  app.addHook('onRequest', (request, _reply, done) => {
    const key = readKey(request)
    if (key instanceof GatewayError) {
      app.door.pass(request, done, () => { refuse(request, key, done) })
      return
    }
    const last = credentials.remembered(key.id)
    const known = last === undefined ? undefined : proven.get(last.credential)
    const isKnown = sameDigest(fingerprintKey(key.token), known ?? noDigest)
    if (last === undefined || !isKnown) app.door.pass(request, done, () => { introduce(request, key, done) })
    else if (credentials.isFresh(last)) admit(request, last.credential, done)
    else identify(request, key, done)
  })

  /** A stranger: whether there is a key of that id or not, what happens here is the same, until the secret is proven. */
  function introduce (request: FastifyRequest, key: ParsedKey, done: Done): void {
    credentials.digest(key.id).then(digest => {
      if (sameDigest(digestKey(key.token, pepper), digest ?? noDigest)) identify(request, key, done)
      else refuse(request, unknown(), done)
    }, done)
  }

  function identify (request: FastifyRequest, key: ParsedKey, done: Done): void {
    credentials.read(key.id).then(credential => {
      if (credential === null || !sameDigest(digestKey(key.token, pepper), credential.key.digest)) {
        refuse(request, unknown(), done)
        return
      }
      proven.set(credential, fingerprintKey(key.token))
      admit(request, credential, done)
    }, done)
  }

  function admit (request: FastifyRequest, credential: Credential, done: Done): void {
    const fault = credentialFault(credential, Date.now() / 1000)
    if (fault !== null) {
      refuse(request, invalid(faults[fault]), done)
      return
    }
    directory.keys.noteUse(credential.key.id)
    request.caller = credential
    done()
  }

  function refuse (request: FastifyRequest, failure: GatewayError, done: Done): void {
    app.door.noteRefusal(request)
    done(failure)
  }
}

const faults: Readonly<Record<CredentialFault, string>> = {
  revoked: 'The API key has been revoked.',
  expired: 'The API key has expired.',
  account_deleted: 'The service account of this API key has been deleted.',
  project_archived: 'The project of this API key is archived.'
}

function readKey (request: FastifyRequest): ParsedKey | GatewayError {
  const token = bearerToken(request)
  if (token instanceof GatewayError) return token
  const parsed = parseKey(token)
  return isKeyFault(parsed) ? invalid(parsed.message) : parsed
}

/** RFC 6750 §2.1; the scheme is case-insensitive. SDKs of Azure's flavour send `api-key` instead. */
function bearerToken ({ headers, query }: FastifyRequest): string | GatewayError {
  const { authorization } = headers
  if (authorization !== undefined) {
    return /^bearer +(\S+) *$/i.exec(authorization)?.[1] ?? invalid('The header must be "Authorization: Bearer sk-tg_…".')
  }
  const apiKey = headers['api-key']
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey
  if (query !== null && typeof query === 'object' && ('api_key' in query || 'key' in query)) {
    return new GatewayError('missing_api_key', { message: 'Keys are not taken from the URL, where logs would keep them. Use the header "Authorization: Bearer sk-tg_…".' })
  }
  return new GatewayError('missing_api_key')
}

function unknown (): GatewayError {
  return invalid('The API key is not known here.')
}

function invalid (message: string): GatewayError {
  return new GatewayError('invalid_api_key', { message })
}

export default fp(auth, { name: 'auth', fastify: '5.x', dependencies: ['errors', 'door'], decorators: { fastify: ['door'] } })
