import { adminKeyId, digestKey, isKeyFault, mintAdminKey, mintKey, parseKey, redactKey } from './keys/key.ts'
import type { ParsedKey } from './keys/key.ts'
import type { Actor, Directory, NewAdminKey, NewKey } from './stores/directory.ts'
import { PepperError } from './stores/pepper.ts'

/** What the first start made, to be shown once. Null where nothing was made: later starts, and keys that were given. */
export interface Bootstrapped {
  readonly key: string | null
  readonly adminKey: string | null
}

/** Keys that the operator chose, instead of made ones. */
export interface GivenKeys {
  readonly bootstrap_key?: string | undefined
  readonly admin_key?: string | undefined
}

const projectId = 'proj_default'
const serviceAccountId = 'svc_acct_default'
const system: Actor = { type: 'system', id: null, address: null }
const configuration: Actor = { type: 'configuration', id: null, address: null }

/**
 * Prepares the directory at every start. The first start of all makes the project `default` with a key, and an admin key; when
 * several processes start at once, one of them does. Each start makes a given admin key the one that is in force.
 * Throws PepperError when the pepper is not the one that the directory's keys were hashed under.
 */
export async function bootstrap (directory: Directory, pepper: string, given: GivenKeys): Promise<Bootstrapped> {
  const key = given.bootstrap_key === undefined ? mintKey() : parsed(given.bootstrap_key)
  const adminKey = given.admin_key === undefined ? mintAdminKey() : null
  const { first, setup } = await directory.setUp({
    pepperMark: markOf(pepper),
    project: { id: projectId, name: 'default' },
    serviceAccount: { id: serviceAccountId, projectId, name: 'default' },
    key: newKey(key, pepper),
    adminKey: adminKey === null ? null : newAdminKey(adminKey.id, adminKey.token, pepper)
  }, system)
  if (setup.pepperMark !== markOf(pepper)) throw new PepperError(otherPepper)
  await declareAdminKey(directory, pepper, given.admin_key)
  return {
    key: first && given.bootstrap_key === undefined ? key.token : null,
    adminKey: first && adminKey !== null ? adminKey.token : null
  }
}

const otherPepper = 'The pepper is not the one that the keys in the store were hashed under, so no key would work. ' +
  'Set TOLLGATE_PEPPER to the same value in every process, or restore the file "pepper" in the data folder.'

async function declareAdminKey (directory: Directory, pepper: string, token: string | undefined): Promise<void> {
  const key = token === undefined ? null : newAdminKey(adminKeyId(token, pepper), token, pepper)
  await directory.adminKeys.declare(key, configuration)
}

function newKey ({ id, token }: ParsedKey, pepper: string): NewKey {
  return { id, digest: digestKey(token, pepper), projectId, serviceAccountId, name: 'default', redacted: redactKey(token) }
}

function newAdminKey (id: string, token: string, pepper: string): NewAdminKey {
  return { id, digest: digestKey(token, pepper), name: 'default', redacted: redactKey(token) }
}

function parsed (token: string): ParsedKey {
  const key = parseKey(token)
  if (isKeyFault(key)) throw new Error(`TOLLGATE_BOOTSTRAP_KEY is not a key. ${key.message}`)
  return key
}

/** Tells one pepper from another without telling anything of either. */
function markOf (pepper: string): string {
  return digestKey('which pepper is this?', pepper).toString('hex')
}
