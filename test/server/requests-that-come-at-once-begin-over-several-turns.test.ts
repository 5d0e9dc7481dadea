import { test } from 'tap'
import { startPublicListener } from '../helpers/public-listener.ts'

test('ninety-six requests of one turn are answered over twelve or more, and all are answered', async t => {
  const { app } = await startPublicListener(t, { upstream: 'http://127.0.0.1:9' })
  let turn = 0
  let counting: NodeJS.Immediate
  const count = (): void => {
    turn++
    counting = setImmediate(count)
  }
  count()
  t.teardown(() => { clearImmediate(counting) })

  const answers = await Promise.all(Array.from({ length: 96 }, async () => {
    const { statusCode } = await app.inject('/nowhere')
    return { statusCode, turn }
  }))
  t.ok(answers.every(({ statusCode }) => statusCode === 404))
  const turns = answers.map(answer => answer.turn)
  t.ok(new Set(turns).size >= 12, `${new Set(turns).size} turns`)
  t.strictSame(turns, turns.toSorted((a, b) => a - b), 'first come, first served')
})
