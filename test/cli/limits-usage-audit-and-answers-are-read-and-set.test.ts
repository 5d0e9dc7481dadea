import { test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { operate, tollgate } from './command.ts'

const body = { model: 'gpt-4o', seed: 7, temperature: 0, messages: [{ role: 'user', content: 'Hello' }] }

test('limits of a model are set, kept and taken away', async t => {
  const gateway = await startGateway(t)
  await operate(t, gateway, 'limits', 'set', '--model', 'openai/gpt-4o', '--rpm', '60', '--tpm', '1000')
  await operate(t, gateway, 'limits', 'set', '--model', 'openai/gpt-4o', '--rpm', 'none', '--shadow')
  t.match(await operate(t, gateway, 'limits', 'list'), /^openai\/gpt-4o\s+-\s+1000\s+-\s+-\s+true$/m)
  t.match(JSON.parse(await operate(t, gateway, 'limits', 'list', '--json')), [{ id: 'rl-*' }, { id: 'rl-openai/gpt-4o', max_tokens_per_1_minute: 1000, shadow: true }])
})

test('a spend limit is set and taken away', async t => {
  const gateway = await startGateway(t)
  t.equal(await operate(t, gateway, 'limits', 'spend', '99.50'), 'default may spend $99.50 a month\n')
  t.equal(await operate(t, gateway, 'limits', 'spend', '1000', '--organization', '--shadow'), 'the organization may spend $1000.00 a month (shadow: nothing is refused)\n')
  t.equal(await operate(t, gateway, 'limits', 'spend', 'none'), 'default has no spend limit\n')
  t.match(await operate(t, gateway, 'audit'), /^[^\n]+spend_limit\.updated\s+proj_default/m)
  t.match(JSON.parse(await operate(t, gateway, 'audit', '--limit', '1', '--json')), [{ object: 'organization.audit_log', type: 'spend_limit.updated' }])
})

test('usage adds tokens and money by team and model, as a table, JSON and CSV', async t => {
  const gateway = await startGateway(t)
  await (await gateway.fetch('/chat/completions', { body: { ...body, seed: undefined } })).text()
  t.match(await operate(t, gateway, 'usage'), /^proj_default\s+gpt-4o\s+1\s/m)
  t.match(JSON.parse(await operate(t, gateway, 'usage', '--by', 'model', '--json')), [{ model: 'gpt-4o', requests: 1, usd: Number }])
  t.match(await operate(t, gateway, 'usage', '--by', 'project,model', '--since', '30d', '--csv'), /^project,model,requests,input tokens,output tokens,stored answers,usd,unpriced requests\r\nproj_default,gpt-4o,1,\d+,\d+,0,[\d.]+,0\r\n$/)
})

test('usage has the cost of the smallest request', async t => {
  const gateway = await startGateway(t)
  await (await gateway.fetch('/embeddings', { body: { model: 'text-embedding-3-small', input: 'Hi' } })).text()
  t.match(JSON.parse(await operate(t, gateway, 'usage', '--by', 'model', '--json')), [{ model: 'text-embedding-3-small', usd: 0.00000002 }])
  const csv = await operate(t, gateway, 'usage', '--by', 'model', '--csv')
  t.match(csv, /,0\.00000002,0\r\n$/, 'as a spreadsheet and a person read it')
  t.match(await operate(t, gateway, 'usage', '--by', 'model'), / 0\.00000002 +0\n$/)
})

test('usage tells an unknown cost from none', async t => {
  const gateway = await startGateway(t)
  await (await gateway.fetch('/chat/completions', { body: { ...body, seed: undefined, model: 'a-model-of-our-own' } })).text()
  t.match(JSON.parse(await operate(t, gateway, 'usage', '--json')), [{ model: 'a-model-of-our-own', requests: 1, usd: 0, 'unpriced requests': 1 }])
})

test('the help shows defaults as they would be written', async t => {
  const usage = await tollgate(t, ['usage', '--help'])
  t.match(usage.output, /\(default:\s+project,model\)/)
  t.match(usage.output, /\(default:\s+30d\)/)
  t.match((await tollgate(t, ['keys', 'rotate', '--help'])).output, /\(default:\s+24h\)/)
})

test('stored answers are counted and deleted', async t => {
  const gateway = await startGateway(t)
  await (await gateway.fetch('/chat/completions', { body })).text()
  t.match(JSON.parse(await operate(t, gateway, 'answers', 'stats', '--project', 'default', '--json')), { answers: 1, bytes: Number })
  t.equal(await operate(t, gateway, 'answers', 'purge', '--project', 'default'), '1 answers are deleted\n')
  t.match(JSON.parse(await operate(t, gateway, 'answers', 'stats', '--json')), { answers: 0 })
})
