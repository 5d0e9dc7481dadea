import t from 'tap'
import { SqliteAnswerStore } from '../../src/stores/sqlite/answer-store.ts'
import { answerStoreContract, seal } from './answer-store-contract.ts'

answerStoreContract(t, async t => {
  const store = new SqliteAnswerStore(`${t.testdir()}/answers.db`, { seal, maxBytes: 100_000_000, now: Date.now })
  t.teardown(() => store.close())
  return store
})
