import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { randomBase62 } from '../../../src/keys/base62.ts'
import type { Actor, AuditEntry, Directory, NewAdminKey, NewKey, Seed } from '../../../src/stores/directory.ts'

/** A clock that stands still until it is set, in Unix seconds. */
export interface Clock {
  now: number
}

/** Opens an empty directory, closed with the test. */
export type OpenEmpty = (t: Test, clock: Clock) => Promise<Directory>

export const admin: Actor = { type: 'admin_key', id: 'adm', address: '192.0.2.7' }
export const firstPage = { limit: 100, order: 'asc' } as const

export function keyOf (projectId: string, serviceAccountId: string, id = randomBase62(12)): NewKey {
  return { id, digest: randomBytes(32), projectId, serviceAccountId, name: `key ${id}`, redacted: `sk-tg_${id.slice(0, 4)}…wxyz` }
}

export function adminKeyOf (id = randomBase62(12)): NewAdminKey {
  return { id, digest: randomBytes(32), name: `admin ${id}`, redacted: `sk-tgadmin_${id.slice(0, 4)}…wxyz` }
}

/** What a first start makes: a project `p0` with a service account `a0`. */
export function seedOf (pepperMark: string): Seed {
  return {
    pepperMark,
    project: { id: 'p0', name: 'default' },
    serviceAccount: { id: 'a0', projectId: 'p0', name: 'default' },
    key: keyOf('p0', 'a0'),
    adminKey: adminKeyOf()
  }
}

/** A project `p1` with one service account `a1`. */
export async function withProject (directory: Directory): Promise<Directory> {
  await directory.projects.create({ id: 'p1', name: 'Search' }, admin)
  await directory.serviceAccounts.create({ id: 'a1', projectId: 'p1', name: 'crawler' }, admin)
  return directory
}

/** Types of the audit log's entries, oldest first. */
export async function auditTypes (directory: Directory): Promise<string[]> {
  return (await audited(directory)).map(({ type }) => type)
}

export async function audited (directory: Directory): Promise<readonly AuditEntry[]> {
  return (await directory.audit.list({ limit: 1000, order: 'asc' })).data
}
