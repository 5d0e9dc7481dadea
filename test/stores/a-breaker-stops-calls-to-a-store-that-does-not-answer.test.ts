import { test } from 'tap'
import { Gate, UnansweredError } from '../../src/stores/redis/gate.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import { until } from '../helpers/until.ts'

const failing = (): Promise<never> => Promise.reject(new Error('down'))

function gateTo (probe: () => Promise<unknown>): { gate: Gate, changes: boolean[] } {
  const changes: boolean[] = []
  return { gate: new Gate({ name: 'it', probe, onChange: available => { changes.push(available) } }), changes }
}

async function failureOf (call: Promise<unknown>): Promise<unknown> {
  return call.then(() => null, error => error)
}

test('after five failures in a row nothing is tried, until a probe succeeds', async t => {
  let answers = false
  const { gate, changes } = gateTo(() => answers ? Promise.resolve() : failing())
  t.teardown(() => { gate.close() })
  for (let failure = 1; failure <= 4; failure++) await failureOf(gate.call(failing))
  await gate.call(async () => 'a success in between starts the count anew')
  for (let failure = 1; failure <= 5; failure++) {
    t.ok(gate.available)
    t.ok(await failureOf(gate.call(failing)) instanceof UnansweredError)
  }
  t.notOk(gate.available)
  const refusal = await failureOf(gate.call(async () => t.fail('it was tried')))
  t.ok(refusal instanceof StoreUnavailableError && !(refusal instanceof UnansweredError), 'nothing can have happened')
  answers = true
  await until(() => gate.available)
  t.same(changes, [false, true])
  t.equal(await gate.call(async () => 'tried'), 'tried')
})

test('no more than a thousand calls wait', async t => {
  const { gate } = gateTo(failing)
  const { promise, resolve } = Promise.withResolvers<string>()
  const waiting = Array.from({ length: 1000 }, () => gate.call(() => promise))
  t.ok(await failureOf(gate.call(async () => 'one more')) instanceof StoreUnavailableError)
  resolve('answered')
  t.same(new Set(await Promise.all(waiting)), new Set(['answered']))
  t.equal(await gate.call(async () => 'again'), 'again')
})

test('a call that was never sent is no unanswered one', async t => {
  const { gate } = gateTo(failing)
  const error = await failureOf(gate.call(() => Promise.reject(new Error('Stream isn\'t writeable and enableOfflineQueue options is false'))))
  t.ok(error instanceof StoreUnavailableError && !(error instanceof UnansweredError))
})
