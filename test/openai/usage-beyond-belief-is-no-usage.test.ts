import t from 'tap'
import { billedByProvider } from '../../src/metering/billing.ts'
import { readCost, usageOfBody } from '../../src/openai/usage.ts'
import type { Usage } from '../../src/openai/usage.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { aRequest, ridAt } from '../helpers/metering.ts'

const mostTokens = 2 ** 31 - 1
const dearest = { input: 200_000_000_000, output: 200_000_000_000 }

void t.test('more tokens than any answer has are unknown, and a cost beyond a million dollars is none', async t => {
  for (const tokens of [mostTokens + 1, 1e15, Number.MAX_SAFE_INTEGER]) {
    t.equal(usageOf({ prompt_tokens: tokens, completion_tokens: 1 }), null, `${tokens} in`)
    t.equal(usageOf({ prompt_tokens: 1, completion_tokens: tokens }), null, `${tokens} out`)
    t.equal(usageOf({ prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: tokens } })?.cachedInputTokens, 0, `${tokens} of a part`)
  }
  const [body, usage] = [Buffer.from('{"usage":{"prompt_tokens":1,"completion_tokens":1}}'), { usd_spent: 1_000_000.1 }]
  t.equal(readCost({ usage: { usd_spent: 1_000_000 } }), 1e15)
  t.equal(readCost({ usage }), null)
  t.equal(readCost({ usage: { credits_used: 2e12 + 1 } }), null)
  t.equal(usageOfBody('chat.completions', body, '1000000')?.costNanoUsd, 1e15)
  t.equal(usageOfBody('chat.completions', body, '1000000.1')?.costNanoUsd, null)
})

void t.test('the most that an upstream can say leaves a ledger that can be read, and opened again', async t => {
  const path = `${t.testdir()}/tollgate.db`
  const most = usageOf({ prompt_tokens: mostTokens, completion_tokens: mostTokens })
  if (most === null) throw new Error('it is a usage')
  const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })
  const { reservation } = { reservation: null, ...await ledger.admit(aRequest(ridAt(Date.now()))) }
  if (reservation === null) throw new Error('it was admitted')
  const bill = billedByProvider(most, dearest, '200')
  await ledger.settle(reservation, bill)
  await ledger.close()
  const again = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })
  t.teardown(() => again.close())
  const { spends } = await again.records.monthSums('proj_a', reservation.period)
  t.same(spends.map(({ spent }) => spent), [bill.costNanoUsd, bill.costNanoUsd])
})

function usageOf (usage: object): Usage | null {
  return usageOfBody('chat.completions', Buffer.from(JSON.stringify({ usage })))
}
