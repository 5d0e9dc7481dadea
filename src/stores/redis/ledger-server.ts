import { Cluster } from 'ioredis'
import type { RedisClient } from './client.ts'

/** Which server it is: another text after a restart, and after another one took over. Empty for a cluster, which is many. */
export async function serverIdentity (client: RedisClient): Promise<string> {
  if (client instanceof Cluster) return ''
  const info = await client.info('server') + await client.info('replication')
  return `${field(info, 'run_id')} ${field(info, 'master_replid')}`
}

export interface ServerFitness {
  /** Why the ledger must not be kept there, or null. */
  readonly refusal: string | null
  readonly warnings: readonly string[]
}

/** Whether a Redis keeps what it is given. Its settings are read from `INFO`, which managed services allow. */
export async function serverFitness (client: RedisClient): Promise<ServerFitness> {
  const policy = field(await client.info('memory'), 'maxmemory_policy')
  const persistence = await client.info('persistence')
  return {
    refusal: policy === '' || policy === 'noeviction'
      ? null
      : `this Redis drops keys when its memory is full (maxmemory-policy ${policy}): budgets and ended requests would be forgotten. Set noeviction, or keep answers in another Redis`,
    warnings: field(persistence, 'aof_enabled') === '0'
      ? ['this Redis does not write an append-only file: what it acknowledged since its last snapshot is gone when it restarts. Set appendonly yes']
      : []
  }
}

function field (info: string, name: string): string {
  return new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(info)?.[1] ?? ''
}
