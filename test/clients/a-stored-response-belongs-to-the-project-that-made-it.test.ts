import { test } from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { startAdmin } from './admin.ts'
import { rejection } from './start.ts'

test('another project finds nothing, whatever it does with the id', async t => {
  const { organization: { projects }, gateway, as } = await startAdmin(t)
  const { id: project } = await projects.create({ name: 'other' })
  const { api_key: key } = await projects.serviceAccounts.create(project, { name: 'app' })
  const [owner, stranger] = [as(gateway.key), as(key?.value ?? '')]
  const { id } = await owner.responses.create({ model: 'gpt-4o', input: 'Hello' })

  const deeds = [
    () => stranger.responses.retrieve(id),
    () => stranger.responses.delete(id),
    () => stranger.responses.cancel(id),
    async () => { for await (const item of stranger.responses.inputItems.list(id)) void item },
    () => stranger.responses.create({ model: 'gpt-4o', input: 'More', previous_response_id: id }),
    () => stranger.responses.create({ model: 'gpt-4o', input: 'More', conversation: 'conv_somebody' }),
    () => stranger.responses.create({ model: 'gpt-4o', input: 'More', conversation: { id: 'conv_somebody' } })
  ]
  for (const deed of deeds) t.match(await rejection(deed()), { status: 404, code: 'not_found' })
  const unknown = await rejection(owner.responses.retrieve('resp_nobody')) as Error
  const foreign = await rejection(stranger.responses.retrieve(id)) as Error
  t.equal(unknown.message.replace('resp_nobody', id), foreign.message, 'foreign and unknown look the same')

  t.equal((await owner.responses.retrieve(id)).id, id)
  t.ok((await owner.responses.create({ model: 'gpt-4o', input: 'More', previous_response_id: id })).id)
  await owner.responses.delete(id)
  t.match(await rejection(owner.responses.retrieve(id)), { status: 404 })
})

test('a stream\'s response is known as soon as its id is', async t => {
  const { gateway, as } = await startAdmin(t)
  const client = as(gateway.key)
  const stream = await client.responses.create({ model: 'gpt-4o', input: 'Hello there', stream: true })
  for await (const event of stream) {
    if (event.type === 'response.created') {
      // The upstream may not have it yet; the gateway must not be the one who says so.
      const early = await client.responses.retrieve(event.response.id).then(() => '', (error: Error) => error.message)
      t.notMatch(early, /your project/)
    }
    if (event.type === 'response.completed') t.equal((await client.responses.retrieve(event.response.id)).id, event.response.id)
  }
})

test('what the caller does not store is not recorded', async t => {
  const { gateway, as } = await startAdmin(t)
  const client = as(gateway.key)
  const { id } = await client.responses.create({ model: 'gpt-4o', input: 'Hello', store: false })
  t.match(await rejection(client.responses.retrieve(id)), { status: 404, code: 'not_found' })
})

test('a response is asked for where it was made', async t => {
  const [first, second] = [await startDemo(t), await startDemo(t)]
  const yaml = `
upstreams:
  first: { base_url: "${first.url}" }
  second: { base_url: "${second.url}" }
default_upstream: first
models:
  special: { upstream: second, model: gpt-4o }
`
  const { gateway, as } = await startAdmin(t, { yaml })
  const client = as(gateway.key)
  const { id } = await client.responses.create({ model: 'special', input: 'Hello' })
  t.equal((await client.responses.retrieve(id)).id, id)
  t.ok((await client.responses.create({ model: 'gpt-4o-mini', input: 'More', previous_response_id: id })).id)
  t.same(first.requests.filter(({ path }) => path.includes('/responses')).length, 0)
  t.equal(second.requests.filter(({ path }) => path.includes('/responses')).length, 3)
})
