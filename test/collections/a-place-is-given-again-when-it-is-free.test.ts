import fc from 'fast-check'
import t from 'tap'
import { Places } from '../../src/collections/places.ts'

t.test('whatever comes and goes, everyone has a place of his own and as few places as ever were taken at once are made', async t => {
  fc.assert(fc.property(fc.array(fc.nat(9)), steps => {
    const places = new Places<{ name: number }>()
    const expected = new Map<number, { name: number }>()
    let most = 0
    for (const [name, step] of steps.entries()) {
      if (step < 6) {
        const item = { name }
        const place = places.add(item)
        if (expected.has(place)) return false
        expected.set(place, item)
        most = Math.max(most, expected.size)
        if (place >= most) return false
      } else {
        const place = [...expected.keys()].at(step % 4) ?? step
        places.remove(place)
        places.remove(place)
        expected.delete(place)
      }
      if (places.size !== expected.size || places.sum(({ name }) => name) !== [...expected.values()].reduce((sum, { name }) => sum + name, 0)) return false
      for (const [place, item] of expected) if (places.get(place) !== item) return false
      if (new Set(places.values()).size !== expected.size) return false
    }
    return true
  }))
  t.pass('for random histories')
})

t.test('items may be removed while they are gone through', async t => {
  const places = new Places<{ place: number }>()
  for (let count = 0; count < 5; count++) {
    const item = { place: -1 }
    item.place = places.add(item)
  }
  for (const { place } of places.values()) places.remove(place)
  t.equal(places.size, 0)
})
