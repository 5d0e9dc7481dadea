import t from 'tap'
import { openDirectory } from '../../src/stores/open.ts'
import { sharedContract } from './directory-contract/shared.ts'

const folder = t.testdir()
let stores = 0

sharedContract(t, (count, clock) => {
  const path = `${folder}/${stores++}.db`
  return Promise.all(Array.from({ length: count }, () => openDirectory(`sqlite:${path}`, { now: () => clock.now })))
})
