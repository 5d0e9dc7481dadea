import { CommandError } from '../command-error.ts'
import { configOf, withLedger } from './open.ts'
import type { StoreOptions } from './open.ts'

/** `tollgate ledger accept-loss`: what a Redis forgot is never coming back. */
export async function acceptLoss (options: StoreOptions): Promise<void> {
  const { store } = await configOf(options)
  if (store.startsWith('sqlite:')) throw new CommandError('a ledger in SQLite is never taken for one that forgot: there is nothing to accept')
  await withLedger(options, ledger => ledger.acceptLoss())
  process.stdout.write('accepted: within a second, gateways let teams with a budget in again\n')
}
