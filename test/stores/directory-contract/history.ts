import fc from 'fast-check'
import { DirectoryError } from '../../../src/stores/directory.ts'
import type { AuditEntry, Declared, Directory, ModelPermissions, NewKey, NewProject, NewServiceAccount } from '../../../src/stores/directory.ts'
import { admin, seedOf } from './fixture.ts'
import type { Clock } from './fixture.ts'

/** One step of a random history: what is asked of a directory. */
export interface Step {
  readonly text: string
  readonly run: (directory: Directory, clock: Clock) => Promise<unknown>
}

const projectId = fc.constantFrom('p1', 'p2', 'p3')
const accountId = fc.constantFrom('a1', 'a2', 'a3')
const keyId = fc.constantFrom('k1', 'k2', 'k3', 'k4')
/** Mostly accounts and the projects that they are made in; now and then a pair that doesn't fit. */
const home = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(['p1', 'a1'], ['p1', 'a2'], ['p2', 'a3']) },
  { weight: 1, arbitrary: fc.tuple(projectId, accountId) }
)
const name = fc.constantFrom('one', 'two')
const spendLimit = fc.option(fc.record({ amountNanoUsd: fc.constantFrom(1, 2), shadow: fc.boolean() }))
const models: fc.Arbitrary<ModelPermissions | null> =
  fc.option(fc.record({ mode: fc.constantFrom('allow_list', 'deny_list'), modelIds: fc.subarray(['gpt-4o', 'o3*']) }))

const project: fc.Arbitrary<NewProject> = fc.record({ id: projectId, name, spendLimit })
const account: fc.Arbitrary<NewServiceAccount> = fc.tuple(home, name).map(([[projectId = '', id = ''], name]) => ({ id, projectId, name }))
const key: fc.Arbitrary<NewKey> = fc.tuple(home, keyId, name, fc.constantFrom(1, 2)).map(([[projectId = '', serviceAccountId = ''], id, name, fill]) =>
  ({ id, projectId, serviceAccountId, name, redacted: '…', digest: Buffer.alloc(32, fill) }))
const adminKey = fc.record({ id: keyId, name, redacted: fc.constant('…'), digest: fc.constant(Buffer.alloc(32, 3)) })
const page = fc.record({ limit: fc.constantFrom(1, 2, 10), order: fc.constantFrom('asc' as const, 'desc' as const) })
const byId = { selector: ({ id }: { id: string }) => id, maxLength: 3 }
const declared: fc.Arbitrary<Declared> = fc.record({
  organization: fc.option(fc.record({ spendLimit })),
  projects: fc.uniqueArray(project, byId),
  serviceAccounts: fc.uniqueArray(account, byId),
  keys: fc.uniqueArray(key, byId)
})

/** A file that passes: without members whose home it doesn't declare. */
const sound = declared.map(({ organization, projects, serviceAccounts, keys }) => {
  const accounts = serviceAccounts.filter(({ projectId }) => projects.some(({ id }) => id === projectId))
  const inHomes = keys.filter(key => accounts.some(({ id, projectId }) => id === key.serviceAccountId && projectId === key.projectId))
  return { organization, projects, serviceAccounts: accounts, keys: inHomes }
})

function step<Args extends unknown[]> (what: string, args: { [I in keyof Args]: fc.Arbitrary<Args[I]> }, run: (directory: Directory, ...args: Args) => Promise<unknown>): fc.Arbitrary<Step> {
  return fc.tuple(...args).map(values => ({
    text: `${what} ${JSON.stringify(values)}`,
    run: directory => run(directory, ...values as Args)
  }))
}

const writes = [
  step('create project', [project], (directory, given) => directory.projects.create(given, admin)),
  step('rename project', [projectId, name], (directory, id, name) => directory.projects.update(id, () => ({ name }), admin)),
  step('permit models', [projectId, models], (directory, id, models) => directory.projects.update(id, () => ({ models }), admin)),
  step('limit spend', [projectId, spendLimit], (directory, id, spendLimit) => directory.projects.update(id, () => ({ spendLimit }), admin)),
  step('archive project', [projectId], (directory, id) => directory.projects.archive(id, admin)),
  step('create account', [account], (directory, given) => directory.serviceAccounts.create(given, admin)),
  step('rename account', [accountId, name], (directory, id, name) => directory.serviceAccounts.rename(id, name, admin)),
  step('delete account', [accountId], (directory, id) => directory.serviceAccounts.delete(id, admin)),
  step('create key', [key], (directory, given) => directory.keys.create(given, admin)),
  step('update key', [keyId, spendLimit], (directory, id, spendLimit) => directory.keys.update(id, () => ({ spendLimit }), admin)),
  step('revoke key', [keyId], (directory, id) => directory.keys.revoke(id, admin)),
  step('create admin key', [adminKey], (directory, given) => directory.adminKeys.create(given, admin)),
  step('declare admin key', [fc.option(adminKey)], (directory, given) => directory.adminKeys.declare(given, admin)),
  step('update organization', [spendLimit], (directory, spendLimit) => directory.organization.update(() => ({ spendLimit }), admin)),
  step('apply', [fc.oneof({ weight: 4, arbitrary: sound }, declared)], (directory, given) => directory.declared.apply(given, admin)),
  step('own', [keyId, projectId], ({ owners }, id, projectId) => owners.record(id, { projectId, upstream: 'u' }, 1000))
]

const reads = [
  step('credential', [keyId], (directory, id) => directory.credential(id)),
  step('keyDigest', [keyId], (directory, id) => directory.keyDigest(id)),
  step('projects', [page, fc.option(projectId, { nil: undefined }), fc.boolean()], (directory, page, after, includeArchived) =>
    directory.projects.list({ ...page, after, includeArchived })),
  step('accounts', [projectId, page, fc.option(accountId, { nil: undefined })], (directory, id, page, after) =>
    directory.serviceAccounts.list(id, { ...page, after })),
  step('keys', [projectId, page, fc.option(keyId, { nil: undefined })], (directory, id, page, after) => directory.keys.list(id, { ...page, after })),
  step('admin keys', [page], (directory, page) => directory.adminKeys.list(page)),
  step('diff', [declared], (directory, given) => directory.declared.diff(given)),
  step('owner', [keyId], ({ owners }, id) => owners.get(id))
]

const tick: fc.Arbitrary<Step> = fc.constant({ text: 'tick', run: async (_, clock) => { clock.now += 10 } })

/** Something to work with, before all goes at random. */
const beginning: Step = {
  text: 'begin',
  run: async directory => {
    await directory.setUp({ ...seedOf('mark'), key: null, adminKey: null }, admin)
    for (const [projectId, ...accountIds] of [['p1', 'a1', 'a2'], ['p2', 'a3']] as const) {
      await directory.projects.create({ id: projectId, name: 'one' }, admin)
      for (const id of accountIds) await directory.serviceAccounts.create({ id, projectId, name: 'one' }, admin)
    }
  }
}

export const history: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...writes) },
  { weight: 1, arbitrary: fc.oneof(...reads) },
  tick
), { minLength: 5, maxLength: 60, size: 'max' }).map(steps => [beginning, ...steps])

/** What a directory answers to each step, and its audit log at the end: comparable between places. */
export async function live (directory: Directory, clock: Clock, steps: readonly Step[]): Promise<readonly unknown[]> {
  const answers: unknown[] = []
  for (const { text, run } of steps) {
    answers.push([text, await run(directory, clock).catch(faultOf)])
  }
  return [...answers, (await wholeAudit(directory)).map(({ id: _, ...entry }) => entry)]
}

/** The objects as they are and as the audit log says they are. */
export async function replayed (directory: Directory): Promise<{ readonly stored: unknown, readonly replayed: unknown }> {
  const objects = new Map<string, { kind: AuditEntry['objectKind'], id: string, fields: object }>()
  for (const { objectKind: kind, objectId: id, after } of await wholeAudit(directory)) {
    objects.set(`${kind} ${id}`, { kind, id, fields: { ...objects.get(`${kind} ${id}`)?.fields, ...after } })
  }
  const stored = await Promise.all([...objects.values()].map(({ kind, id }) => stores(directory)[kind](id)))
  return {
    stored: stored.map(object => ({ ...object, ...(object !== null && 'digest' in object ? { digest: object.digest.toString('hex', 0, 4) } : {}) })),
    replayed: [...objects.values()].map(({ kind, fields }) => kind === 'organization' ? { id: 'organization', spendLimit: null, spendAlerts: [], source: 'api', ...fields } : fields)
  }
}

function stores (directory: Directory) {
  return {
    organization: () => directory.organization.get(),
    project: (id: string) => directory.projects.get(id),
    service_account: (id: string) => directory.serviceAccounts.get(id),
    api_key: (id: string) => directory.keys.get(id),
    admin_key: (id: string) => directory.adminKeys.get(id)
  }
}

async function wholeAudit (directory: Directory): Promise<readonly AuditEntry[]> {
  return (await directory.audit.list({ limit: 10_000, order: 'asc' })).data
}

function faultOf (error: unknown): unknown {
  if (error instanceof DirectoryError) return { fault: error.fault, message: error.message }
  throw error
}
