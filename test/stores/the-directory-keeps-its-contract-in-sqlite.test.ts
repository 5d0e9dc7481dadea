import t from 'tap'
import { openDirectory } from '../../src/stores/open.ts'
import { directoryContract } from './directory-contract.ts'

directoryContract(t, async (t, clock) => {
  const directory = await openDirectory(`sqlite:${t.testdir()}/tollgate.db`, { now: () => clock.now })
  t.teardown(() => directory.close())
  return directory
})
