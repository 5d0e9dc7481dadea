import fc from 'fast-check'
import { test } from 'tap'
import { NamedPlaces } from '../../src/collections/named-places.ts'

interface Item {
  readonly value: number
}

const names = fc.constantFrom('a', 'b', 'c', 'd')
const steps = fc.oneof(
  fc.record({ do: fc.constant('set' as const), name: names, value: fc.nat() }),
  fc.record({ do: fc.constant('delete' as const), name: names })
)

test('it holds what a map would hold', async t => {
  fc.assert(fc.property(fc.array(steps), taken => {
    const places = new NamedPlaces<Item>()
    const map = new Map<string, Item>()
    for (const step of taken) {
      if (step.do === 'set') {
        const item = { value: step.value }
        places.set(step.name, item)
        map.set(step.name, item)
      } else {
        places.delete(step.name)
        map.delete(step.name)
      }
    }
    const values = new Set(places.values())
    return places.size === map.size && values.size === map.size && [...map.values()].every(item => values.has(item)) &&
      ['a', 'b', 'c', 'd'].every(name => places.has(name) === map.has(name) && places.get(name) === (map.get(name) ?? null))
  }))
  t.pass('for random histories')
})
