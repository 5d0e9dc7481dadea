import type { Declared, DeclaredChange, DeclaredStore } from '../directory.ts'
import { changedFields } from './audit-events.ts'
import { DirectoryError } from './directory-error.ts'
import { newKey } from './keys.ts'
import { isRetired, lists } from './kinds.ts'
import { newOrganization } from './objects.ts'
import type { Actor } from './objects.ts'
import { readAll } from './pages.ts'
import { newProject } from './projects.ts'
import type { ObjectOf, Records } from './records.ts'
import { newServiceAccount, revokeKeysOf } from './service-accounts.ts'
import { Transaction } from './transaction.ts'
import type { Writer } from './writer.ts'

type DeclaredKind = DeclaredChange['kind']
const kinds = ['organization', 'project', 'service_account', 'api_key'] as const

/** An object as it is and as it is to be. */
interface Pair<K extends DeclaredKind = DeclaredKind> {
  readonly kind: K
  readonly before: ObjectOf[K] | null
  readonly after: ObjectOf[K]
}

export class DeclaredRecords implements DeclaredStore {
  readonly #records: Records
  readonly #writer: Writer
  readonly #now: () => number

  constructor (records: Records, writer: Writer, now: () => number) {
    this.#records = records
    this.#writer = writer
    this.#now = now
  }

  async diff (declared: Declared): Promise<readonly DeclaredChange[]> {
    return diffDeclared(await this.#pairs(declared, new Transaction(this.#records, this.#now())))
  }

  async apply (declared: Declared, by: Actor): Promise<readonly DeclaredChange[]> {
    const changes = await this.#writer.write(by, async transaction => {
      const pairs = await this.#pairs(declared, transaction)
      for (const { kind, after } of pairs) transaction.put(kind, after)
      return diffDeclared(pairs)
    })
    for (const { kind, action, id } of changes) {
      if (kind === 'service_account' && action === 'retire') await revokeKeysOf(id, this.#records, this.#writer, by)
    }
    return changes
  }

  /** Every object that is declared now or was declared until now. */
  async #pairs (declared: Declared, transaction: Transaction): Promise<Pair[]> {
    checkHomes(declared)
    const wanted = wantedObjects(declared, transaction.now)
    const until = await readAll(this.#records, lists.declared)
    const pairs: Pair[] = []
    for (const kind of kinds) {
      const untilIds = until.filter(record => record.kind === kind).map(({ id }) => id)
      pairs.push(...await pairsOf(kind, wanted[kind], untilIds, transaction))
    }
    return pairs
  }
}

/** What differs between the objects as they are and as they are to be. */
export function diffDeclared (pairs: readonly Pair[]): DeclaredChange[] {
  return pairs.flatMap(({ kind, before, after }) => {
    const change = { kind, id: after.id, fields: changedFields({ ...before }, { ...after }) }
    if (before === null) return { ...change, action: 'create' }
    if (change.fields.length === 0) return []
    return { ...change, action: after.source === 'file' && !isRetired(after) ? 'update' : 'retire' }
  })
}

type Wanted = { readonly [K in DeclaredKind]: ReadonlyArray<ObjectOf[K]> }

function wantedObjects (declared: Declared, now: number): Wanted {
  return {
    organization: declared.organization === null ? [] : [{ ...newOrganization, ...declared.organization, source: 'file' }],
    project: declared.projects.map(project => newProject(project, now, 'file')),
    service_account: declared.serviceAccounts.map(account => newServiceAccount(account, now, 'file')),
    api_key: declared.keys.map(key => newKey(key, now, 'file'))
  }
}

async function pairsOf<K extends DeclaredKind> (
  kind: K, wanted: ReadonlyArray<ObjectOf[K]>, until: readonly string[], transaction: Transaction
): Promise<Array<Pair<K>>> {
  const byId = new Map(wanted.map(object => [object.id as string, object]))
  const ids = [...new Set([...byId.keys(), ...until])]
  const there = await transaction.getAll(kind, ids)
  return ids.flatMap((id, index) => {
    const before = there[index] ?? null
    const after = byId.get(id)
    if (after !== undefined) return { kind, before, after: keepingBirth(before, after) }
    return before === null ? [] : { kind, before, after: retired(kind, before, transaction.now) }
  })
}

/** An object keeps its time of creation, whatever else becomes of it. */
function keepingBirth<T extends object> (before: T | null, after: T): T {
  return before !== null && 'createdAt' in before ? { ...after, createdAt: before.createdAt } : after
}

function retired<K extends DeclaredKind> (kind: K, object: ObjectOf[K], now: number): ObjectOf[K] {
  switch (kind) {
    case 'project': return { ...object, archivedAt: now }
    case 'service_account': return { ...object, deletedAt: now }
    case 'api_key': return { ...object, revokedAt: now }
    default: return { ...object, ...newOrganization }
  }
}

/** A declared account needs a declared project, a declared key a declared account of the same project. */
function checkHomes ({ projects, serviceAccounts, keys }: Declared): void {
  const projectIds = new Set(projects.map(({ id }) => id))
  const homes = new Map(serviceAccounts.map(({ id, projectId }) => [id, projectId]))
  for (const { id, projectId } of serviceAccounts) {
    if (!projectIds.has(projectId)) throw homeless(`service account "${id}"`, `project "${projectId}"`)
  }
  for (const { id, projectId, serviceAccountId } of keys) {
    if (homes.get(serviceAccountId) !== projectId) throw homeless(`key "${id}"`, `service account "${serviceAccountId}" of the project "${projectId}"`)
  }
}

function homeless (what: string, home: string): DirectoryError {
  return new DirectoryError('not_found', `The ${what} is declared, but not its ${home}.`)
}
