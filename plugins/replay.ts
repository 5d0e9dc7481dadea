import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { replay } from '../src/openai/replay.ts'

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no'
}

/** Answers an admitted hit: with the stored bytes, or with the stream that they stand for. No upstream is asked. */
async function replayLink (app: FastifyInstance): Promise<void> {
  app.addHook('preHandler', (request, reply, done) => {
    const { answer, call } = request
    if (answer === null || call === null) done()
    else if (call.stream) void reply.headers(streamHeaders).send(replay(call.endpoint, answer.body, call.includeUsage))
    else void reply.type('application/json').send(answer.body)
  })
}

export default fp(replayLink, { name: 'replay', fastify: '5.x', dependencies: ['answers', 'limits'], decorators: { request: ['answer', 'admission'] } })
