import type { Seed } from '../directory.ts'
import { newAdminKey } from './admin-keys.ts'
import { create } from './create.ts'
import { newKey } from './keys.ts'
import type { Actor, Setup } from './objects.ts'
import { newProject } from './projects.ts'
import { newServiceAccount } from './service-accounts.ts'
import type { Writer } from './writer.ts'

/** Makes the first objects, all in one transaction, if no process has done so before. */
export function setUp (writer: Writer, seed: Seed, by: Actor): Promise<{ readonly first: boolean, readonly setup: Setup }> {
  return writer.write(by, async transaction => {
    const there = await transaction.get('setup', 'setup')
    if (there !== null) return { first: false, setup: there }
    const { now } = transaction
    const setup: Setup = { id: 'setup', at: now, pepperMark: seed.pepperMark }
    transaction.put('setup', setup)
    await create(transaction, 'project', newProject(seed.project, now, 'api'), seed.project)
    await create(transaction, 'service_account', newServiceAccount(seed.serviceAccount, now, 'api'), seed.serviceAccount)
    if (seed.key !== null) await create(transaction, 'api_key', newKey(seed.key, now, 'api'), seed.key)
    if (seed.adminKey !== null) await create(transaction, 'admin_key', newAdminKey(seed.adminKey, now, 'api'), seed.adminKey)
    return { first: true, setup }
  })
}
