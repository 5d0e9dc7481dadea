import { deliver } from './deliver.ts'
import { answeringModel, occasionOf, sendJson, sendProblem, type Exchange } from './exchange.ts'
import { stringOf, type JsonObject } from './json.ts'
import { documentedProblem, validationProblem } from './problems.ts'
import { replyTo, type Reply } from './reply.ts'
import { responseEvents, responseFailure } from './response-events.ts'
import { responseObject, type Draft } from './response-object.ts'
import { inputItems, inputText, responseAsk } from './response-request.ts'
import type { StoredResponse } from './response-store.ts'
import { demoTokens } from './text.ts'
import { countsOf, metaOf, noCounts, responseUsage, wordsIn, type Counts } from './usage.ts'

/** POST /v1/responses */
export function createResponse (exchange: Exchange): void {
  const { body, magic, demo } = exchange
  const previous = previousOf(exchange)
  if (previous === 'unknown') return sendProblem(exchange, noSuchResponse(exchange, 400))
  if (body.input === undefined && previous === null) return sendProblem(exchange, validationProblem('input', 'Required', occasionOf(exchange)))
  const context = previous?.conversation ?? ''
  const ask = responseAsk(body, magic, context)
  const reply = replyTo(ask)
  const counts = countsOf(ask, [reply])
  const draft = draftOf(exchange, reply, counts)
  const status = body.background === true ? 'queued' : draft.outcome
  const conversation = [context, inputText(body.input), reply.text].join('\n')
  if (body.store !== false) demo.responses.add({ draft, input: storedItems(draft.id, body.input), conversation, status })
  deliver(exchange, {
    counts,
    words: body.background === true ? 0 : wordsIn(counts),
    json: () => responseObject(draft, status),
    stream: body.stream === true ? { events: () => responseEvents(draft), failure: responseFailure } : null
  })
}

/** GET /v1/responses/{id}: also as a stream, after an event. A background response that was queued is completed by it. */
export function getResponse (exchange: Exchange): void {
  withStored(exchange, stored => {
    if (stored.status === 'queued') stored.status = stored.draft.outcome
    if (exchange.query.get('stream') !== 'true') return sendJson(exchange, responseObject(stored.draft, stored.status))
    const after = Number(exchange.query.get('starting_after') ?? -1)
    deliver(exchange, {
      counts: noCounts,
      words: 0,
      json: () => responseObject(stored.draft, stored.status),
      stream: { events: () => responseEvents(stored.draft, after), failure: responseFailure }
    })
  })
}

/** DELETE /v1/responses/{id} */
export function deleteResponse (exchange: Exchange): void {
  withStored(exchange, ({ draft }) => {
    exchange.demo.responses.delete(draft.id)
    sendJson(exchange, { id: draft.id, object: 'response', deleted: true })
  })
}

/** POST /v1/responses/{id}/cancel: only background responses can be cancelled, and an ended one stays as it is. */
export function cancelResponse (exchange: Exchange): void {
  withStored(exchange, stored => {
    if (stored.draft.body.background !== true) {
      return sendProblem(exchange, documentedProblem(400, 'Only background responses can be cancelled.', occasionOf(exchange)))
    }
    if (stored.status === 'queued') stored.status = 'cancelled'
    sendJson(exchange, responseObject(stored.draft, stored.status))
  })
}

/** GET /v1/responses/{id}/input_items: all of them on one page, the newest first. */
export function listInputItems (exchange: Exchange): void {
  withStored(exchange, ({ input }) => {
    const data = input.toReversed()
    sendJson(exchange, { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false })
  })
}

/** POST /v1/responses/input_tokens */
export function countInputTokens (exchange: Exchange): void {
  const previous = previousOf(exchange)
  if (previous === 'unknown') return sendProblem(exchange, noSuchResponse(exchange, 400))
  const ask = responseAsk(exchange.body, null, previous?.conversation ?? '')
  sendJson(exchange, { object: 'response.input_tokens', input_tokens: demoTokens(ask.prompt) })
}

/** POST /v1/responses/compact: the user's messages, then one opaque item for all the rest. */
export function compactResponse (exchange: Exchange): void {
  const previous = previousOf(exchange)
  if (previous === 'unknown') return sendProblem(exchange, noSuchResponse(exchange, 400))
  const ask = responseAsk(exchange.body, null, previous?.conversation ?? '')
  const messages = storedItems(`resp_${exchange.id}`, exchange.body.input).filter(item => item.role === 'user')
  const summary = Buffer.from(ask.prompt).toString('base64').slice(0, 400)
  const counts = { input: demoTokens(ask.prompt), cached: 0, output: demoTokens(summary), reasoning: 0 }
  deliver(exchange, {
    counts,
    words: 0,
    json: () => ({
      id: `resp_${exchange.id}`,
      object: 'response.compaction',
      created_at: Math.floor(exchange.demo.now() / 1000),
      output: [...messages, { id: `cmp_${exchange.id}`, type: 'compaction', encrypted_content: summary }],
      usage: responseUsage(counts)
    }),
    stream: null
  })
}

function draftOf (exchange: Exchange, reply: Reply, counts: Counts): Draft {
  const { body, magic, demo } = exchange
  const failed = magic?.name === 'demo-failed'
  const finished = reply.finish === 'stop' || reply.finish === 'tool_calls'
  return {
    id: `resp_${exchange.id}`,
    createdAt: Math.floor(demo.now() / 1000),
    model: answeringModel(exchange),
    body,
    reply,
    usage: magic?.name === 'demo-no-usage' || failed ? null : responseUsage(counts),
    meta: metaOf(magic, counts),
    outcome: failed ? 'failed' : finished ? 'completed' : 'incomplete'
  }
}

function storedItems (id: string, input: unknown): readonly JsonObject[] {
  return inputItems(input).map((item, index) => ({ id: `msg_${id.slice(5)}_in${index}`, type: 'message', ...item }))
}

function previousOf (exchange: Exchange): StoredResponse | null | 'unknown' {
  const id = stringOf(exchange.body.previous_response_id)
  return id === '' ? null : exchange.demo.responses.find(id) ?? 'unknown'
}

function withStored (exchange: Exchange, use: (stored: StoredResponse) => void): void {
  const stored = exchange.demo.responses.find(exchange.path.split('/')[2] ?? '')
  if (stored === undefined) sendProblem(exchange, noSuchResponse(exchange, 404))
  else use(stored)
}

function noSuchResponse (exchange: Exchange, status: number): ReturnType<typeof documentedProblem> {
  return documentedProblem(status, 'Response not found', occasionOf(exchange))
}
