import type { Test } from 'tap'
import { Redis } from 'ioredis'
import { openDirectory } from '../../../src/stores/open.ts'
import type { Directory } from '../../../src/stores/directory.ts'
import { startRedis } from '../../helpers/redis.ts'
import type { Clock } from './fixture.ts'

/** One Redis for a test file, emptied for each directory that asks for it. */
export interface EmptyRedis {
  readonly admin: Redis
  open (clock: Clock): Promise<Directory>
  openEmpty (clock: Clock): Promise<Directory>
}

export async function startEmptyRedis (t: Test): Promise<EmptyRedis> {
  const { port, address } = await startRedis(t)
  const admin = new Redis({ port })
  t.teardown(() => admin.disconnect())
  const open = (clock: Clock) => openDirectory(address, { now: () => clock.now })
  return {
    admin,
    open,
    async openEmpty (clock) {
      await admin.flushall()
      return await open(clock)
    }
  }
}
