import fc from 'fast-check'
import t from 'tap'
import { mayUseModel, rateLimitFor } from '../../src/stores/directory/permissions.ts'

const allow = (...modelIds: string[]) => ({ mode: 'allow_list', modelIds } as const)
const deny = (...modelIds: string[]) => ({ mode: 'deny_list', modelIds } as const)

t.test('without permissions every model may be used', async t => {
  t.ok(mayUseModel(null, 'gpt-4o'))
})

t.test('an allow list allows what it lists, a deny list all but that', async t => {
  t.ok(mayUseModel(allow('gpt-4o', 'o3'), 'o3'))
  t.notOk(mayUseModel(allow('gpt-4o'), 'gpt-4o-mini'))
  t.notOk(mayUseModel(allow(), 'gpt-4o'))
  t.notOk(mayUseModel(deny('gpt-4o'), 'gpt-4o'))
  t.ok(mayUseModel(deny('gpt-4o'), 'gpt-4o-mini'))
})

t.test('a star stands for any text, also none', async t => {
  for (const pattern of ['*', 'gpt-*', '*-mini', 'gpt*mini', '*4o*', 'gpt-4o-mini*', '*g*p*t*-*i*i', '**']) {
    t.ok(mayUseModel(allow(pattern), 'gpt-4o-mini'), pattern)
  }
  for (const pattern of ['o3*', '*-maxi', 'gpt*4o', 'gpt-4o-mini*i', 'gpt-4o-mini*gpt-4o-mini', '*4o*4o*']) {
    t.notOk(mayUseModel(allow(pattern), 'gpt-4o-mini'), pattern)
  }
})

t.test('wildcards mean what the regular expression would, without its special characters', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 8 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '*'), maxLength: 6 })
  fc.assert(fc.property(pattern, text, (pattern, model) => {
    const source = pattern.split('*').map(part => part.replaceAll('.', '\\.')).join('.*')
    return mayUseModel(allow(pattern), model) === new RegExp(`^${source}$`).test(model)
  }), { numRuns: 1000 })
})

t.test('a model has limits of its own, or those of the star', async t => {
  const limit = (model: string) => ({ model, requestsPerMinute: 1, tokensPerMinute: null, requestsPerDay: null, concurrency: null, shadow: false })
  const limits = [limit('*'), limit('gpt-4o')]
  t.equal(rateLimitFor(limits, 'gpt-4o')?.model, 'gpt-4o')
  t.equal(rateLimitFor(limits, 'o3')?.model, '*')
  t.equal(rateLimitFor([limit('gpt-4o')], 'o3'), null)
})
