import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { digestKey, isKeyFault, parseKey, sameDigest } from '../src/keys/key.ts'
import type { ParsedKey } from '../src/keys/key.ts'
import { GatewayError } from '../src/openai/errors.ts'
import { credentialFault } from '../src/stores/directory/credential.ts'
import type { CredentialFault } from '../src/stores/directory/credential.ts'
import type { Credential, Directory, DirectoryChange } from '../src/stores/directory.ts'

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

/** A known key is believed this long without asking the store again, ms. Changes are announced; this is the net below. */
const freshMs = 5_000
/** …and this long when the store does not answer: an outage is not a 401. */
const staleMs = 60_000
/** An unknown key id is remembered this long, ms, so that guessing does not reach the store. */
const unknownMs = 1_000
const maxCached = 10_000

interface Known {
  readonly credential: Credential | null
  readonly readAt: number
}

/** Compared where no key is known, so that a 401 takes as long for a wrong secret as for a wrong id. */
const noDigest = Buffer.alloc(32)

/**
 * Bearer key → caller. Shape and checksum first, then the cache, then the store; the secret is compared as a digest in constant time.
 */
async function auth (app: FastifyInstance, { directory, pepper }: AuthOptions): Promise<void> {
  const known = new LRUCache<string, Known>({ max: maxCached, ttl: staleMs })
  app.decorateRequest('caller', null)
  app.addHook('onClose', directory.subscribe(forget))

  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) {
      done()
      return
    }
    try {
      const key = readKey(request)
      const cached = known.get(key.id)
      if (cached !== undefined && isFresh(cached)) {
        request.caller = verify(key, cached.credential)
        done()
      } else {
        lookUp(key, cached).then(caller => {
          request.caller = caller
          done()
        }, done)
      }
    } catch (error) {
      done(error as Error)
    }
  })

  async function lookUp (key: ParsedKey, cached: Known | undefined): Promise<Credential> {
    let credential: Credential | null
    try {
      credential = await directory.credential(key.id)
      known.set(key.id, { credential, readAt: Date.now() })
    } catch (error) {
      if (cached?.credential == null) throw new GatewayError('auth_unavailable', { headers: { 'retry-after': '1' }, cause: error })
      credential = cached.credential
    }
    return verify(key, credential)
  }

  function verify (key: ParsedKey, credential: Credential | null): Credential {
    const matches = sameDigest(digestKey(key.token, pepper), credential?.key.digest ?? noDigest)
    if (credential === null || !matches) throw new GatewayError('invalid_api_key', { message: 'The API key is not known here.' })
    refuseEnded(credential)
    directory.keys.noteUse(key.id)
    return credential
  }

  function forget ({ everything, keyIds, projectIds }: DirectoryChange): void {
    if (everything) known.clear()
    for (const id of keyIds) known.delete(id)
    if (projectIds.length === 0) return
    for (const [id, { credential }] of known.entries()) {
      if (credential !== null && projectIds.includes(credential.project.id)) known.delete(id)
    }
  }
}

function isFresh ({ credential, readAt }: Known): boolean {
  return Date.now() - readAt < (credential === null ? unknownMs : freshMs)
}

function readKey (request: FastifyRequest): ParsedKey {
  const parsed = parseKey(bearerToken(request))
  if (isKeyFault(parsed)) throw new GatewayError('invalid_api_key', { message: parsed.message })
  return parsed
}

/** RFC 6750 §2.1; the scheme is case-insensitive. SDKs of Azure's flavour send `api-key` instead. */
function bearerToken ({ headers, query }: FastifyRequest): string {
  const { authorization } = headers
  if (authorization !== undefined) {
    const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
    if (token === undefined) throw new GatewayError('invalid_api_key', { message: 'The header must be "Authorization: Bearer sk-tg_…".' })
    return token
  }
  const apiKey = headers['api-key']
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey
  if (query !== null && typeof query === 'object' && ('api_key' in query || 'key' in query)) {
    throw new GatewayError('missing_api_key', { message: 'Keys are not taken from the URL, where logs would keep them. Use the header "Authorization: Bearer sk-tg_…".' })
  }
  throw new GatewayError('missing_api_key')
}

const faults: Readonly<Record<CredentialFault, string>> = {
  revoked: 'The API key has been revoked.',
  expired: 'The API key has expired.',
  account_deleted: 'The service account of this API key has been deleted.',
  project_archived: 'The project of this API key is archived.'
}

function refuseEnded (credential: Credential): void {
  const fault = credentialFault(credential, Date.now() / 1000)
  if (fault !== null) throw new GatewayError('invalid_api_key', { message: faults[fault] })
}

export default fp(auth, { name: 'auth', fastify: '5.x', dependencies: ['errors'] })
