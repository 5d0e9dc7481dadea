import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { streamHeaders } from '../src/openai/headers.ts'
import { replay } from '../src/openai/replay.ts'

/** Answers an admitted hit: with the stored bytes, or with the stream that they stand for. No upstream is asked. */
async function replayLink (app: FastifyInstance): Promise<void> {
  app.addHook('preHandler', (request, reply, done) => {
    const { answer, call } = request
    if (answer === null || call === null) done()
    else if (call.stream) app.answer(reply, streamHeaders, replay(call.endpoint, answer.body, call.includeUsage))
    else app.answer(reply, ['content-type', 'application/json'], answer.body)
  })
}

export default fp(replayLink, { name: 'replay', fastify: '5.x', dependencies: ['answers', 'limits', 'upstream'], decorators: { request: ['answer', 'admission'] } })
