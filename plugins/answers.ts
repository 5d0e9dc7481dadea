import type { KeyObject } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { fingerprint } from '../src/answers/fingerprint.ts'
import { AnswerRecorder } from '../src/answers/recorder.ts'
import type { Target } from '../src/answers/recorder.ts'
import { reproducibility } from '../src/answers/reproducible.ts'
import type { Call } from '../src/openai/call.ts'
import type { ReadEvent } from '../src/openai/event-reader.ts'
import type { JsonBody } from '../src/openai/json-body.ts'
import type { Answer, AnswerKey } from '../src/stores/answer-store.ts'
import type { Answers } from '../src/stores/answers.ts'
import type { Credential } from '../src/stores/directory.ts'
import type { Lead } from '../src/stores/flight.ts'
import type { Outcome, Tap } from '../src/upstream/exchange.ts'

export interface AnswersOptions {
  readonly answers: Pick<Answers, 'open'>
  /** What fingerprints are made with. */
  readonly secret: KeyObject
  /** Largest answer worth storing, bytes. */
  readonly maxAnswerBytes: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The stored answer of a reproducible request; null: an upstream has to be asked. */
    answer: Answer | null
  }
}

/** Reproducible requests only: looks up the stored answer, or becomes the one flight that fetches it for all who ask at once. */
async function answersLink (app: FastifyInstance, options: AnswersOptions): Promise<void> {
  const { answers, secret, maxAnswerBytes } = options
  app.decorateRequest('answer', null)

  app.addHook('preHandler', (request, reply, done) => {
    const { call, caller } = request
    if (call === null || caller === null || caller.project.settings.answers === 'off') {
      done()
      return
    }
    const verdict = reproducibility(call, request.headers)
    if (verdict.reproducible) {
      open(request, reply, call, caller, verdict.refresh).then(() => { done() }, done)
      return
    }
    if (verdict.reason !== null) bypass(request, reply, verdict.reason)
    done()
  })

  async function open (request: FastifyRequest, reply: FastifyReply, call: Call, caller: Credential, refresh: boolean): Promise<void> {
    const target = request.router.destination(call.model)
    const opened = await answers.open(keyOf(request, call, caller, target), refresh, () => leaving(reply))
    switch (opened.is) {
      case 'hit':
        hit(request, reply, opened.answer)
        break
      case 'leader':
        lead(request, reply, opened.lead, new AnswerRecorder(call, target, maxAnswerBytes), call)
        mark(request, reply, refresh ? 'refresh' : 'miss')
        break
      case 'alone':
        bypass(request, reply, opened.reason)
    }
  }

  function keyOf ({ headers }: FastifyRequest, call: Call, { project }: Credential, target: Target): AnswerKey {
    const sharedBy = project.settings.answers === 'organization' ? 'organization' : project.id
    const beta = String(headers['openai-beta'] ?? '')
    return { project: sharedBy, fingerprint: fingerprint(secret, { project: sharedBy, ...target, endpoint: call.endpoint, beta, scanned: call.scanned }) }
  }
}

/** Fires when the client leaves, and not when it has its answer: an error costs as much as a tenth of a hit. */
function leaving ({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  raw.on('close', () => {
    if (!raw.writableFinished) controller.abort(new Error('the client left'))
  })
  return controller.signal
}

function hit (request: FastifyRequest, reply: FastifyReply, answer: Answer): void {
  request.answer = answer
  request.facts.costNanoUsd = 0
  void reply.header('age', String(Math.max(0, Math.floor((Date.now() - answer.storedAt) / 1000))))
  mark(request, reply, 'hit')
}

function bypass (request: FastifyRequest, reply: FastifyReply, reason: string): void {
  request.facts.cache = 'bypass'
  void reply.header('x-tollgate-cache', `bypass; reason=${reason}`)
}

function mark (request: FastifyRequest, reply: FastifyReply, result: 'hit' | 'miss' | 'refresh'): void {
  request.facts.cache = result
  void reply.header('x-tollgate-cache', result)
}

/** The leader's answer is recorded as it goes by. Whatever becomes of the request, those who wait are told. */
function lead (request: FastifyRequest, reply: FastifyReply, lead: Lead, recorder: AnswerRecorder, call: Call): void {
  const recording = new Recording(lead, recorder, call)
  request.taps.push(recording)
  reply.onceClosed(() => { recording.abandon() })
}

class Recording implements Tap {
  readonly #lead: Lead
  readonly #recorder: AnswerRecorder
  readonly #call: Call
  #relayed = false

  constructor (lead: Lead, recorder: AnswerRecorder, call: Call) {
    this.#lead = lead
    this.#recorder = recorder
    this.#call = call
  }

  onStart (): void {
    this.#relayed = true
  }

  onBody (body: JsonBody): void {
    this.#recorder.json(body)
  }

  onEvent (event: ReadEvent): void {
    this.#recorder.event(event)
  }

  onEnd ({ result, upstream, upstreamModel }: Outcome): void {
    this.#relayed = true
    if (result === 'cancelled') {
      this.#lead.leave()
      return
    }
    const recorded = this.#recorder.finish(result === 'complete', { upstream, model: upstreamModel ?? this.#call.model })
    if (recorded.storable) void this.#lead.land(recorded.body)
    else this.#lead.fail()
  }

  /** The request never came to an upstream: a limit refused it, or its client left. */
  abandon (): void {
    if (!this.#relayed) this.#lead.leave()
  }
}

export default fp(answersLink, { name: 'answers', fastify: '5.x', dependencies: ['auth', 'body', 'connection', 'facts', 'upstream'], decorators: { reply: ['onceClosed'], request: ['call', 'caller', 'facts', 'taps', 'router'] } })
