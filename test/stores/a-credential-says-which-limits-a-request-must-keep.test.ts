import t from 'tap'
import type { Credential } from '../../src/stores/directory.ts'
import { newKey } from '../../src/stores/directory/keys.ts'
import { failureModeOf, limitRulesOf } from '../../src/stores/directory/limit-rules.ts'
import { newOrganization } from '../../src/stores/directory/objects.ts'
import { newProject } from '../../src/stores/directory/projects.ts'
import { newServiceAccount } from '../../src/stores/directory/service-accounts.ts'
import { keyOf } from './directory-contract/fixture.ts'

const none = { requestsPerMinute: null, tokensPerMinute: null, requestsPerDay: null, concurrency: null, shadow: false }
const credential: Credential = {
  key: newKey(keyOf('p1', 'a1', 'k1'), 1000, 'api'),
  serviceAccount: newServiceAccount({ id: 'a1', projectId: 'p1', name: 'x' }, 1000, 'api'),
  project: newProject({ id: 'p1', name: 'x' }, 1000, 'api'),
  organization: newOrganization,
  version: '1.1.1.0'
}

t.test('without limits there are no rules', async t => {
  t.same(limitRulesOf(credential, 'gpt-4o'), [])
})

t.test('a model keeps its own limits or those of the star, never both', async t => {
  const project = { ...credential.project, rateLimits: [{ ...none, model: '*', requestsPerMinute: 60, requestsPerDay: 900 }, { ...none, model: 'o3', tokensPerMinute: 5 }] }
  t.same(limitRulesOf({ ...credential, project }, 'gpt-4o').map(({ id, limit }) => [id, limit]), [['project:requests_per_minute:*', 60], ['project:requests_per_day:*', 900]])
  t.same(limitRulesOf({ ...credential, project }, 'o3').map(({ id, limit }) => [id, limit]), [['project:tokens_per_minute:o3', 5]])
})

t.test('the key\'s and the organization\'s limits hold beside the project\'s', async t => {
  const spendLimit = { amountNanoUsd: 7, shadow: true }
  const key = { ...credential.key, spendLimit, rateLimits: [{ ...none, model: '*', concurrency: 2, shadow: true }] }
  const rules = limitRulesOf({ ...credential, key, project: { ...credential.project, spendLimit }, organization: { ...newOrganization, spendLimit } }, 'gpt-4o')
  t.same(rules.map(({ scope, metric, limit, shadow }) => [scope, metric, limit, shadow]), [
    ['key', 'concurrency', 2, true],
    ['project', 'spend_per_month', 7, true],
    ['key', 'spend_per_month', 7, true],
    ['organization', 'spend_per_month', 7, true]
  ])
  t.equal(new Set(rules.map(({ id }) => id)).size, 4)
})

t.test('while the store is away, spend limits close and other projects go on, unless the project says otherwise', async t => {
  const limited = { ...credential, organization: { ...newOrganization, spendLimit: { amountNanoUsd: 7, shadow: false } } }
  t.equal(failureModeOf(credential), 'local')
  t.equal(failureModeOf(limited), 'closed')
  t.equal(failureModeOf({ ...limited, organization: { ...newOrganization, spendLimit: { amountNanoUsd: 7, shadow: true } } }), 'local')
  const open = { ...credential.project, settings: { ...credential.project.settings, failureMode: 'open' as const } }
  t.equal(failureModeOf({ ...limited, project: open }), 'open')
})
