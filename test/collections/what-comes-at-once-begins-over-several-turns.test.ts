import fc from 'fast-check'
import { test } from 'tap'
import { Turns } from '../../src/collections/turns.ts'

/** An event loop of which each turn takes a ms. */
class Loop {
  turn = 0
  #next: Array<() => void> = []

  turns (most: number): Turns {
    return new Turns(most, act => { this.#next.push(act) }, () => this.turn)
  }

  /** Until nothing is left to do. */
  run (): void {
    while (this.#next.length > 0) {
      this.turn++
      for (const act of this.#next.splice(0)) act()
    }
  }
}

test('so many begin in a turn, and none later than it must, whoever came first', t => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 200 }), (most, amount) => {
    const loop = new Loop()
    const turns = loop.turns(most)
    const began: Array<[who: number, turn: number]> = []
    for (let who = 0; who < amount; who++) turns.begin(() => { began.push([who, loop.turn]) })
    loop.run()
    t.strictSame(began, Array.from({ length: amount }, (_, who) => [who, Math.floor(who / most)]))
  }))
  t.end()
})

test('those that come while others wait are behind them', t => {
  const loop = new Loop()
  const turns = loop.turns(2)
  const order: string[] = []
  turns.begin(() => { order.push('a') })
  turns.begin(() => { order.push('b') })
  turns.begin(() => {
    order.push('c')
    turns.begin(() => { order.push('e') })
  })
  turns.begin(() => { order.push('d') })
  loop.run()
  t.equal(order.join(''), 'abcde')
  t.end()
})

test('one that throws holds up no other', t => {
  const loop = new Loop()
  const turns = loop.turns(1)
  const began: string[] = []
  t.throws(() => { turns.begin(() => { throw new Error('its own') }) }, /its own/)
  turns.begin(() => { throw new Error('its own') })
  turns.begin(() => { began.push('another') })
  t.throws(() => { loop.run() }, /its own/)
  loop.run()
  t.strictSame(began, ['another'])
  t.end()
})

test('the mean wait of those that have begun is told once', t => {
  const loop = new Loop()
  const turns = loop.turns(2)
  t.equal(turns.takeMeanWait(), 0)
  for (let who = 0; who < 6; who++) turns.begin(() => {})
  t.equal(turns.takeMeanWait(), 0, 'those of the first turn waited for nothing')
  loop.run()
  t.equal(turns.takeMeanWait(), 1.5, 'two waited for one turn, two for two')
  t.equal(turns.takeMeanWait(), 0)
  t.end()
})
