import { test } from 'tap'
import type { Test } from 'tap'
import type OpenAI from 'openai'
import { completion, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import type { ReceivedRequest } from '../helpers/provider.ts'
import { startAdmin } from './admin.ts'
import { rejection } from './start.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]

/** An upstream, and the clients of two projects. */
async function start (t: Test, answer: (request: ReceivedRequest) => unknown) {
  const provider = await startProvider(t, request => {
    const body = answer(request)
    if (body !== undefined) sendJson(request.response, body)
  })
  const { organization: { projects }, gateway, as } = await startAdmin(t, { upstream: provider.url })
  const { id: project } = await projects.create({ name: 'other' })
  const { api_key: key } = await projects.serviceAccounts.create(project, { name: 'app' })
  const paths = () => provider.requests.map(({ method, url }) => `${method} ${url.slice(3)}`)
  return { owner: as(gateway.key), stranger: as(key?.value ?? ''), gateway, paths }
}

const conversation = { id: 'conv_1', object: 'conversation', created_at: 1, metadata: {} }

test('conversations', async t => {
  const { owner, stranger, paths } = await start(t, () => conversation)
  const deeds: Array<[string, (client: OpenAI, id: string) => Promise<unknown>]> = [
    ['GET /conversations/conv_1', async (client, id) => await client.conversations.retrieve(id)],
    ['POST /conversations/conv_1', async (client, id) => await client.conversations.update(id, { metadata: {} })],
    ['GET /conversations/conv_1/items?limit=3', async (client, id) => await client.conversations.items.list(id, { limit: 3 })],
    ['POST /conversations/conv_1/items', async (client, id) => await client.conversations.items.create(id, { items: [] })],
    ['GET /conversations/conv_1/items/msg_1', async (client, id) => await client.conversations.items.retrieve('msg_1', { conversation_id: id })],
    ['DELETE /conversations/conv_1/items/msg_1', async (client, id) => await client.conversations.items.delete('msg_1', { conversation_id: id })],
    ['POST /responses', async (client, id) => await client.responses.create({ model: 'm', input: 'More', conversation: { id } })],
    ['POST /responses/input_tokens', async (client, id) => await client.responses.inputTokens.count({ model: 'm', conversation: id })],
    ['DELETE /conversations/conv_1', async (client, id) => await client.conversations.delete(id)]
  ]
  for (const [, deed] of deeds) t.match(await rejection(deed(owner, 'conv_1')), { status: 404, code: 'not_found' }, 'nobody has made it yet')
  t.equal((await owner.conversations.create()).id, 'conv_1')
  for (const [, deed] of deeds) t.match(await rejection(deed(stranger, 'conv_1')), { status: 404, code: 'not_found' })
  t.same(paths(), ['POST /conversations'], 'the upstream heard of none of it')
  for (const [, deed] of deeds) await deed(owner, 'conv_1')
  t.same(paths().slice(1), deeds.map(([path]) => path))
  t.match(await rejection(owner.conversations.retrieve('conv_1')), { status: 404 }, 'it is deleted')
})

test('what the upstream keeps although it was told to delete it', async t => {
  const { owner } = await start(t, ({ method }) => method === 'DELETE' ? { id: 'conv_1', object: 'conversation.deleted', deleted: false } : conversation)
  await owner.conversations.create()
  t.match(await owner.conversations.delete('conv_1'), { deleted: false })
  t.equal((await owner.conversations.retrieve('conv_1')).id, 'conv_1')
})

test('chat completions that were stored', async t => {
  const { owner, stranger, paths } = await start(t, () => completion)
  const { id } = completion
  await owner.chat.completions.create({ model: 'm', messages })
  t.match(await rejection(owner.chat.completions.retrieve(id)), { status: 404 }, 'not stored')
  await owner.chat.completions.create({ model: 'm', messages, store: true })
  const deeds = [
    async (client: OpenAI) => await client.chat.completions.retrieve(id),
    async (client: OpenAI) => await client.chat.completions.update(id, { metadata: null }),
    async (client: OpenAI) => await client.chat.completions.messages.list(id),
    async (client: OpenAI) => await client.chat.completions.delete(id)
  ]
  for (const deed of deeds) t.match(await rejection(deed(stranger)), { status: 404, code: 'not_found' })
  for (const deed of deeds) await deed(owner)
  t.same(paths().slice(2), [`GET /chat/completions/${id}`, `POST /chat/completions/${id}`, `GET /chat/completions/${id}/messages`, `DELETE /chat/completions/${id}`])
  t.match(await rejection(owner.chat.completions.list()), { status: 405 }, 'a list would name what belongs to others')
})

test('a conversation that the upstream begins with a response', async t => {
  const response = (id: string, started: unknown, metadata: object = {}) => ({ id, object: 'response', status: 'completed', output: [], metadata, conversation: started, usage: null })
  const { owner, stranger } = await start(t, ({ url, body, response: answer }) => {
    if (!url.endsWith('/responses')) return conversation
    const { stream } = JSON.parse(body.toString()) as { stream?: boolean }
    if (stream !== true) return response('resp_1', { id: 'conv_json' }, { conversation: 'conv_somebody' })
    openStream(answer)
    for (const type of ['response.created', 'response.completed']) answer.write(`event: ${type}\ndata: ${JSON.stringify({ type, response: response('resp_2', { id: 'conv_stream' }) })}\n\n`)
    answer.end()
    return undefined
  })
  await owner.responses.create({ model: 'm', input: 'Hello', metadata: { conversation: 'conv_somebody' } })
  const stream = await owner.responses.create({ model: 'm', input: 'Hello', stream: true })
  for await (const event of stream) {
    if (event.type === 'response.created') t.ok(await owner.conversations.retrieve('conv_stream'), 'as soon as the event is there')
  }
  for (const id of ['conv_json', 'conv_stream']) {
    t.ok(await owner.conversations.retrieve(id))
    t.match(await rejection(stranger.conversations.retrieve(id)), { status: 404 })
  }
  t.ok(await owner.responses.retrieve('resp_1'))
  t.match(await rejection(owner.conversations.retrieve('conv_somebody')), { status: 404 }, 'what a caller writes is no claim')
})

test('a token count does not tell of somebody else\'s response', async t => {
  const { owner, stranger } = await start(t, () => ({ id: 'resp_1', object: 'response', status: 'completed', output: [], usage: null }))
  await owner.responses.create({ model: 'm', input: 'Hello' })
  const count = async (client: OpenAI) => await client.responses.inputTokens.count({ model: 'm', previous_response_id: 'resp_1' })
  t.match(await rejection(count(stranger)), { status: 404, param: 'previous_response_id' })
  t.ok(await count(owner))
})

test('an upstream without conversations says so itself', async t => {
  const { gateway, as } = await startAdmin(t)
  t.match(await rejection(as(gateway.key).conversations.create()), { status: 404 })
})
