import { DirectoryError } from './directory-error.ts'
import { isRetired } from './kinds.ts'
import type { KeyRecord, Project, ServiceAccount, Source } from './objects.ts'

/** Bounds of what one object may hold, so that a credential stays small enough to be read with every cache miss. */
const maxRateLimits = 500
const maxModelIds = 1000
const maxSpendAlerts = 20

/** The object, or an error that says it isn't there. */
export function existing<T> (what: string, id: string, object: T | null): T {
  if (object === null) throw new DirectoryError('not_found', `There is no ${what} "${id}".`)
  return object
}

/** The object, or an error that says where it must be changed. */
export function writable<T extends { readonly source: Source }> (what: string, object: T): T {
  if (object.source === 'file') {
    throw new DirectoryError('read_only', `This ${what} is declared in the configuration. Change it there.`)
  }
  return object
}

/** The object, or an error when it is archived, deleted or revoked: nothing brings it back. */
export function inForce<T extends Project | ServiceAccount | KeyRecord> (what: string, object: T): T {
  if (isRetired(object)) throw new DirectoryError('retired', `The ${what} "${object.id}" is archived, deleted or revoked.`)
  return object
}

interface Bounded {
  readonly rateLimits?: Project['rateLimits']
  readonly models?: Project['models']
  readonly spendAlerts?: Project['spendAlerts']
}

/** The object, or an error that names what it has too many of. */
export function bounded<T extends Bounded> (object: T): T {
  atMost(maxRateLimits, 'rate limits', object.rateLimits)
  atMost(maxModelIds, 'models', object.models?.modelIds)
  atMost(maxSpendAlerts, 'spend alerts', object.spendAlerts)
  return object
}

function atMost (max: number, what: string, items: readonly unknown[] = []): void {
  if (items.length > max) throw new DirectoryError('too_many', `There can be at most ${max} ${what}.`)
}
