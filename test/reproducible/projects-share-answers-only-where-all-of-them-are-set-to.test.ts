import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'

const body = { model: 'gpt-4o', seed: 7, messages: [{ role: 'user', content: 'Hello there' }] }

t.test('projects that are set to share, share; one that is not does not', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  const ask = async (settings: object): Promise<string | null> => {
    const { id } = await create(gateway, '/projects', { name: 'one of many', ...settings })
    const { api_key: key } = await create(gateway, `/projects/${id}/service_accounts`, { name: 'app' })
    const response = await gateway.fetch('/chat/completions', { body, headers: { authorization: `Bearer ${key.value}` } })
    await response.text()
    return response.headers.get('x-tollgate-cache')
  }
  t.equal(await ask({ answers: 'organization' }), 'miss')
  t.equal(await ask({ answers: 'organization' }), 'hit')
  t.equal(await ask({ answers: 'project' }), 'miss')
  t.equal(await ask({}), 'miss')
  t.equal(await ask({ answers: 'organization' }), 'hit')
  t.equal(await ask({ answers: 'off' }), null)
})

interface Created { readonly id: string, readonly api_key: { readonly value: string } }

async function create ({ operatorUrl, adminKey }: { operatorUrl: string, adminKey: string }, path: string, members: object): Promise<Created> {
  const response = await fetch(`${operatorUrl}/v1/organization${path}`, {
    method: 'POST', headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }, body: JSON.stringify(members)
  })
  return await response.json() as Created
}
