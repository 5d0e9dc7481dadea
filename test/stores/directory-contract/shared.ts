import fc from 'fast-check'
import type { Test } from 'tap'
import type { Directory } from '../../../src/stores/directory.ts'
import { admin } from './fixture.ts'
import type { Clock } from './fixture.ts'
import { history, live, replayed } from './history.ts'

/** Opens the same empty store several times, as several processes would. */
export type OpenShared = (count: number, clock: Clock) => Promise<Directory[]>

const runs = 25

/** What holds when several processes change one directory at once. */
export function sharedContract (t: Test, openShared: OpenShared): void {
  t.test('the audit log tells every change that was made, in the order it was made', async t => {
    await fc.assert(fc.asyncProperty(history, async ([beginning, ...steps]) => {
      const clock = { now: 1000 }
      const directories = await openShared(3, clock)
      try {
        if (beginning) await beginning.run(directories[0] as Directory, clock)
        await Promise.all(directories.map((directory, index) => live(directory, clock, steps.filter((_, at) => at % 3 === index))))
        for (const directory of directories) {
          const { stored, replayed: told } = await replayed(directory)
          t.same(told, stored)
        }
        return t.passing()
      } finally {
        await Promise.all(directories.map(directory => directory.close()))
      }
    }), { numRuns: runs, endOnFailure: true })
  })

  t.test('no update is lost', async t => {
    const clock = { now: 1000 }
    const directories = await openShared(4, clock)
    t.teardown(() => Promise.all(directories.map(directory => directory.close())))
    await directories[0]?.projects.create({ id: 'p1', name: 'x' }, admin)
    await Promise.all(directories.flatMap((directory, index) => Array.from({ length: 10 }, (_, turn) =>
      directory.projects.update('p1', now => ({
        models: { mode: 'allow_list', modelIds: [...now.models?.modelIds ?? [], `model-${index}-${turn}`] }
      }), admin))))
    t.equal((await directories[0]?.projects.get('p1'))?.models?.modelIds.length, 40)
  })
}
