import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { idOfBody, idOfStreamStart } from '../src/openai/answer-id.ts'
import { GatewayError } from '../src/openai/errors.ts'
import { booleanOf, given, objectOf, stringOf } from '../src/openai/members.ts'
import type { Call } from '../src/openai/call.ts'
import type { OwnersStore } from '../src/stores/directory.ts'
import { StoreUnavailableError } from '../src/stores/unavailable.ts'
import type { Outcome, Tap } from '../src/upstream/exchange.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route's parameter `id` names a stored response. */
    ofResponse?: boolean
  }

  interface FastifyRequest {
    /** The upstream that holds what the request refers to: it can be asked for nowhere else. Null when it refers to nothing. */
    madeBy: string | null
  }
}

/** OpenAI keeps responses for 30 days. */
const ttlSeconds = 31 * 24 * 3600
/** An id that is not in the beginning of a stream is recorded at its end. */
const maxStartCharacters = 16_384

/** Stored responses belong to the project that made them: for everybody else they do not exist. */
async function ownership (app: FastifyInstance, { owners }: { readonly owners: OwnersStore }): Promise<void> {
  app.decorateRequest('madeBy', null)

  app.addHook('preHandler', (request, _reply, done) => {
    const { call } = request
    if (call !== null && isStored(call)) request.taps.push(new Recording(request, owners))
    const references = referencesOf(request)
    if (references.length === 0) done()
    else checkAll(request, references).then(() => { done() }, done)
  })

  async function checkAll (request: FastifyRequest, references: readonly Reference[]): Promise<void> {
    for (const reference of references) request.madeBy = await upstreamOf(request, reference)
    const [{ id } = { id: '' }] = references
    if (request.method === 'DELETE') request.taps.push(new Forgetting(id, owners, request.log))
  }

  async function upstreamOf ({ caller }: FastifyRequest, { id, param }: Reference): Promise<string> {
    const owner = await owners.get(id).catch((cause: unknown) => { throw unavailable(cause) })
    if (owner === null || owner.projectId !== caller?.project.id) {
      throw new GatewayError('not_found', { param, message: `There is no "${id.slice(0, 100)}" of your project.` })
    }
    return owner.upstream
  }
}

interface Reference {
  readonly id: string
  readonly param: string
}

function referencesOf ({ call, params, routeOptions: { config } }: FastifyRequest): Reference[] {
  if (config.ofResponse === true) return [{ id: (params as { id: string }).id, param: 'response_id' }]
  if (call?.endpoint !== 'responses') return []
  const { scanned } = call
  const previous = stringOf(scanned, 'previous_response_id')
  const references = previous === null ? [] : [{ id: previous, param: 'previous_response_id' }]
  const conversation = given(scanned, 'conversation')
  if (conversation === undefined) return references
  const id = conversation.kind === 'object' ? stringOf(objectOf(scanned, 'conversation') ?? scanned, 'id') : stringOf(scanned, 'conversation')
  return [...references, { id: id ?? '', param: 'conversation' }]
}

/** Responses are stored unless the caller says no, chat completions only when it says yes. */
function isStored ({ endpoint, scanned }: Call): boolean {
  if (endpoint === 'embeddings') return false
  return booleanOf(scanned, 'store') ?? endpoint === 'responses'
}

/** Records an answer's id before the client has all of it; in streams, when it comes. */
class Recording implements Tap {
  readonly #owners: OwnersStore
  readonly #projectId: string
  readonly #log: FastifyBaseLogger
  #upstream = ''
  #start = ''
  #id: string | null = null
  #written: Promise<unknown> | null = null

  constructor ({ caller, log }: FastifyRequest, owners: OwnersStore) {
    this.#owners = owners
    this.#projectId = caller?.project.id ?? ''
    this.#log = log
  }

  onAnswer (_kind: 'json' | 'stream', upstream: string): void {
    this.#upstream = upstream
  }

  onBody (body: Buffer): void {
    this.#record(idOfBody(body))
  }

  onChunk (chunk: Buffer): void {
    if (this.#id !== null || this.#start.length >= maxStartCharacters) return
    this.#start += chunk.toString('latin1', 0, maxStartCharacters)
    this.#record(idOfStreamStart(this.#start))
  }

  async onEnd ({ answerId }: Outcome): Promise<void> {
    if (answerId !== null && answerId !== this.#id) this.#record(answerId)
    await this.#written
  }

  #record (id: string | null): void {
    if (id === null) return
    this.#id = id
    this.#start = ''
    this.#written = this.#owners.record(id, { projectId: this.#projectId, upstream: this.#upstream }, ttlSeconds)
      .catch((error: unknown) => { this.#log.error({ err: error, object: id }, 'the owner of an answer could not be recorded') })
  }
}

/** Forgets a response that was deleted. */
class Forgetting implements Tap {
  readonly #id: string
  readonly #owners: OwnersStore
  readonly #log: FastifyBaseLogger

  constructor (id: string, owners: OwnersStore, log: FastifyBaseLogger) {
    this.#id = id
    this.#owners = owners
    this.#log = log
  }

  async onEnd ({ result }: Outcome): Promise<void> {
    if (result !== 'complete') return
    await this.#owners.delete(this.#id).catch((error: unknown) => { this.#log.warn({ err: error, object: this.#id }, 'the owner of a deleted answer is still recorded') })
  }
}

function unavailable (cause: unknown): unknown {
  return cause instanceof StoreUnavailableError
    ? new GatewayError('auth_unavailable', { message: 'The owner could not be checked just now. Try again.', headers: { 'retry-after': '1' }, cause })
    : cause
}

export default fp(ownership, { name: 'ownership', fastify: '5.x', dependencies: ['auth', 'body', 'upstream'], decorators: { request: ['call', 'caller', 'taps'] } })
