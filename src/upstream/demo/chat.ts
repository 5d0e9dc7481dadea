import { chatAsk } from './chat-request.ts'
import { chatEvents, chatFailure, claudeEvents } from './chat-events.ts'
import { completionObject, type Completion } from './completion.ts'
import { deliver } from './deliver.ts'
import { answeringModel, occasionOf, sendProblem, type Exchange } from './exchange.ts'
import { numberOr, objectOf } from './json.ts'
import { validationProblem } from './problems.ts'
import { replyTo, type Reply } from './reply.ts'
import { hashOf } from './text.ts'
import { chatUsage, countsOf, metaOf, wordsIn, type Counts } from './usage.ts'

const maxChoices = 16
const maxTopLogprobs = 20

/** POST /v1/chat/completions */
export function chatCompletions (exchange: Exchange): void {
  const { body, magic } = exchange
  if (!Array.isArray(body.messages)) return sendProblem(exchange, validationProblem('messages', 'Required', occasionOf(exchange)))
  const ask = chatAsk(body, magic)
  const choices = Math.min(Math.max(1, numberOr(body.n, 1)), maxChoices)
  const replies = Array.from({ length: choices }, (_, choice) => replyTo(ask, choice))
  const counts = countsOf(ask, replies)
  const completion = completionOf(exchange, replies, counts)
  const events = magic?.name === 'demo-usage-on-finish' ? claudeEvents : chatEvents
  deliver(exchange, {
    counts,
    words: wordsIn(counts),
    json: () => completionObject(completion),
    stream: body.stream === true ? { events: () => events(completion), failure: chatFailure } : null
  })
}

function completionOf (exchange: Exchange, replies: readonly Reply[], counts: Counts): Completion {
  const { body, magic, demo } = exchange
  return {
    id: `chatcmpl-${exchange.id}`,
    created: Math.floor(demo.now() / 1000),
    model: answeringModel(exchange),
    fingerprint: `fp_${hashOf(String(body.model)).toString(16).padStart(10, '0')}`,
    replies,
    logprobs: body.logprobs === true ? Math.min(numberOr(body.top_logprobs, 0), maxTopLogprobs) : null,
    includeUsage: objectOf(body.stream_options).include_usage === true,
    usage: magic?.name === 'demo-no-usage' ? null : chatUsage(counts),
    meta: metaOf(magic, counts)
  }
}
