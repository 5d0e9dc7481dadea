import { isDeepStrictEqual } from 'node:util'
import { DirectoryError } from './directory-error.ts'
import type { Kind, ObjectOf } from './records.ts'
import type { Transaction } from './transaction.ts'

/**
 * Puts a new object, or returns the one that an earlier attempt of the same write has made.
 * @param given the fields that the caller chose: an object that differs in one of them is another one
 */
export async function create<K extends Kind> (transaction: Transaction, kind: K, object: ObjectOf[K], given: object): Promise<ObjectOf[K]> {
  const there = await transaction.get(kind, object.id)
  if (there === null) {
    transaction.put(kind, object)
    return object
  }
  if (!hasFields(there, given)) throw new DirectoryError('exists', `The id "${object.id}" is taken.`)
  return there
}

function hasFields (object: object, fields: object): boolean {
  return isDeepStrictEqual({ ...object, ...fields }, { ...object })
}
