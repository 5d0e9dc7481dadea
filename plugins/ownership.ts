import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Reservation } from '../src/metering/reservation.ts'
import { conversationOfBody, conversationOfStreamStart, idOfBody, idOfStreamStart } from '../src/openai/answer-id.ts'
import { GatewayError } from '../src/openai/errors.ts'
import type { JsonBody } from '../src/openai/json-body.ts'
import { booleanOf, given, objectOf, stringOf } from '../src/openai/members.ts'
import type { ScannedObject } from '../src/openai/scan.ts'
import { topLevelMember } from '../src/openai/tail-member.ts'
import type { OwnersStore } from '../src/stores/directory.ts'
import type { BegunBy, Owner } from '../src/stores/directory/objects.ts'
import { StoreUnavailableError } from '../src/stores/unavailable.ts'
import type { Outcome, Tap } from '../src/upstream/exchange.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route's parameter `id` names something stored; what OpenAI calls the parameter. */
    stored?: 'response_id' | 'conversation_id' | 'completion_id'
    /** The route makes something stored that is no answer of a model. */
    makesStored?: boolean
  }

  interface FastifyRequest {
    /** The upstream that holds what the request refers to: it can be asked for nowhere else. Null when it refers to nothing. */
    madeBy: string | null
    /** The request that began the response in the background which this one asks for. Null where there is none. */
    begunBy: BegunBy | null
  }
}

const day = 24 * 3600
/** Seconds that an owner is remembered. OpenAI keeps responses and completions for 30 days, and conversations until they are deleted. */
const ttl = { answer: 31 * day, conversation: 400 * day }
/** An id that is not in the beginning of a stream is recorded at its end. */
const maxStartCharacters = 16_384

/** Stored responses, conversations and completions belong to the project that made them: for everybody else they do not exist. */
async function ownership (app: FastifyInstance, { owners }: { readonly owners: OwnersStore }): Promise<void> {
  app.decorateRequest('madeBy', null)
  app.decorateRequest('begunBy', null)

  app.addHook('preHandler', (request, _reply, done) => {
    if (makesStored(request)) request.taps.push(new Recording(request, owners))
    const references = referencesOf(request)
    if (references.length === 0) done()
    else checkAll(request, references).then(() => { done() }, done)
  })

  async function checkAll (request: FastifyRequest, references: readonly Reference[]): Promise<void> {
    for (const reference of references) {
      const { upstream, begunBy = null } = await ownerOf(request, reference)
      request.madeBy = upstream
      if (request.call === null) request.begunBy = begunBy
    }
    const [{ id } = { id: '' }] = references
    if (endsStored(request)) request.taps.push(new Forgetting(id, owners, request.log))
  }

  async function ownerOf ({ caller }: FastifyRequest, { id, param }: Reference): Promise<Owner> {
    const owner = await owners.get(id).catch((cause: unknown) => { throw unavailable(cause) })
    if (owner === null || owner.projectId !== caller?.project.id) {
      throw new GatewayError('not_found', { param, message: `There is no "${id.slice(0, 100)}" of your project.` })
    }
    return owner
  }
}

interface Reference {
  readonly id: string
  readonly param: string
}

function referencesOf ({ call, fields, params, routeOptions: { config } }: FastifyRequest): Reference[] {
  if (config.stored !== undefined) return [{ id: (params as { id: string }).id, param: config.stored }]
  const scanned = call?.endpoint === 'responses' ? call.scanned : fields
  return scanned === null ? [] : [...previousIn(scanned), ...conversationIn(scanned)]
}

function previousIn (scanned: ScannedObject): Reference[] {
  const id = stringOf(scanned, 'previous_response_id')
  return id === null ? [] : [{ id, param: 'previous_response_id' }]
}

function conversationIn (scanned: ScannedObject): Reference[] {
  const conversation = given(scanned, 'conversation')
  if (conversation === undefined) return []
  const id = conversation.kind === 'object' ? stringOf(objectOf(scanned, 'conversation') ?? scanned, 'id') : stringOf(scanned, 'conversation')
  return [{ id: id ?? '', param: 'conversation' }]
}

/** Responses are stored unless the caller says no, chat completions only when it says yes. */
function makesStored ({ call, routeOptions: { config } }: FastifyRequest): boolean {
  if (call === null) return config.makesStored === true
  if (call.endpoint === 'embeddings') return false
  return booleanOf(call.scanned, 'store') ?? call.endpoint === 'responses'
}

/** Not what is deleted below it: an item of a conversation. */
function endsStored ({ method, routeOptions: { url = '' } }: FastifyRequest): boolean {
  return method === 'DELETE' && url.endsWith('/:id')
}

/** Records an answer's id before the client has all of it; in streams, when it comes. */
class Recording implements Tap {
  readonly #request: FastifyRequest
  readonly #owners: OwnersStore
  readonly #kind: keyof typeof ttl
  /** A response may name a conversation that the upstream began with it. */
  readonly #isResponse: boolean
  readonly #written: Array<Promise<unknown>> = []
  #upstream = ''
  #start = ''
  #id: string | null = null
  #isStartRead = false

  constructor (request: FastifyRequest, owners: OwnersStore) {
    const { call } = request
    this.#request = request
    this.#owners = owners
    this.#kind = call === null ? 'conversation' : 'answer'
    this.#isResponse = call?.endpoint === 'responses'
  }

  onAnswer (_kind: 'json' | 'stream', upstream: string): void {
    this.#upstream = upstream
  }

  onBody ({ bytes }: JsonBody): void {
    this.#id = idOfBody(bytes)
    this.#record(this.#id, this.#kind)
    if (this.#isResponse) this.#record(conversationOfBody(bytes), 'conversation')
  }

  onChunk (chunk: Buffer): void {
    if (this.#isStartRead) return
    this.#start += chunk.toString('latin1', 0, maxStartCharacters)
    if (this.#id === null) this.#record(this.#id = idOfStreamStart(this.#start), this.#kind)
    const conversation = this.#isResponse ? conversationOfStreamStart(this.#start) : null
    this.#isStartRead = this.#start.length >= maxStartCharacters || (this.#id !== null && conversation !== undefined)
    if (!this.#isStartRead) return
    this.#record(conversation ?? null, 'conversation')
    this.#start = ''
  }

  async onEnd ({ answerId }: Outcome): Promise<void> {
    if (answerId !== this.#id) this.#record(answerId, this.#kind)
    await Promise.all(this.#written)
  }

  #record (id: string | null, kind: keyof typeof ttl): void {
    if (id === null) return
    const { caller, admission, facts, log } = this.#request
    const begun = facts.background && kind === 'answer' ? admission?.reservation : null
    const owner = { projectId: caller?.project.id ?? '', upstream: this.#upstream, ...(begun != null && { begunBy: begunBy(begun) }) }
    this.#written.push(this.#owners.record(id, owner, ttl[kind])
      .catch((error: unknown) => { log.error({ err: error, object: id }, 'the owner of an answer could not be recorded') }))
  }
}

function begunBy ({ rid, keyId, model, endpoint, period, seen }: Reservation): BegunBy {
  return { rid, keyId, model, endpoint, period, inputTokens: seen.inputTokens }
}

/** Forgets what was deleted. */
class Forgetting implements Tap {
  readonly #id: string
  readonly #owners: OwnersStore
  readonly #log: FastifyBaseLogger
  #isDeleted = true

  constructor (id: string, owners: OwnersStore, log: FastifyBaseLogger) {
    this.#id = id
    this.#owners = owners
    this.#log = log
  }

  /** An upstream may say, with a status of success, that it has kept it. */
  onBody ({ bytes }: JsonBody): void {
    this.#isDeleted = topLevelMember(bytes, 'deleted') !== false
  }

  async onEnd ({ result }: Outcome): Promise<void> {
    if (result !== 'complete' || !this.#isDeleted) return
    await this.#owners.delete(this.#id).catch((error: unknown) => { this.#log.warn({ err: error, object: this.#id }, 'the owner of a deleted answer is still recorded') })
  }
}

function unavailable (cause: unknown): unknown {
  return cause instanceof StoreUnavailableError
    ? new GatewayError('auth_unavailable', { message: 'The owner could not be checked just now. Try again.', headers: { 'retry-after': '1' }, cause })
    : cause
}

export default fp(ownership, { name: 'ownership', fastify: '5.x', dependencies: ['auth', 'body', 'facts', 'upstream'], decorators: { request: ['call', 'caller', 'facts', 'taps'] } })
