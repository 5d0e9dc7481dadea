import file from 'tap'
import type { Test } from 'tap'
import { startAdmin } from '../clients/admin.ts'
import type { AdminSetting } from '../clients/admin.ts'
import type { GatewayOptions } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'

/** A gateway with an empty store, and the official SDK as its administrator. */
export type Start = (options?: GatewayOptions) => Promise<AdminSetting>

/** Each gateway has a database of its own, so that a file needs one Redis. */
const databases = 64
let redis: Promise<TestRedis> | null = null
let used = 0

/** The same test over each place where a directory and a ledger can live. */
export function onEachStore (title: string, body: (t: Test, start: Start) => Promise<void>): void {
  file.test(`${title}, in SQLite`, async t => await body(t, async options => await startAdmin(t, options)))
  file.test(`${title}, in Redis`, async t => await body(t, async options => {
    redis ??= startRedis(file, '--databases', String(databases))
    const { address } = await redis
    return await startAdmin(t, { ...options, env: { ...options?.env, TOLLGATE_STORE: `${address}/${used++}` } })
  }))
}
