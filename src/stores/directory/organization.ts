import type { OrganizationPatch, OrganizationStore } from '../directory.ts'
import { bounded, writable } from './checks.ts'
import { newOrganization } from './objects.ts'
import type { Actor, Organization } from './objects.ts'
import { readOne } from './pages.ts'
import type { Records } from './records.ts'
import type { Writer } from './writer.ts'

export class OrganizationRecord implements OrganizationStore {
  readonly #records: Records
  readonly #writer: Writer

  constructor (records: Records, writer: Writer) {
    this.#records = records
    this.#writer = writer
  }

  async get (): Promise<Organization> {
    return await readOne(this.#records, 'organization', newOrganization.id) ?? newOrganization
  }

  update (change: (now: Organization) => OrganizationPatch, by: Actor): Promise<Organization> {
    return this.#writer.write(by, async transaction => {
      const now = writable('organization', await transaction.get('organization', newOrganization.id) ?? newOrganization)
      const next = bounded({ ...now, ...change(now) })
      transaction.put('organization', next)
      return next
    })
  }
}
