import { Cluster, Redis } from 'ioredis'
import { parseRedisAddress } from './address.ts'
import type { RedisAddress } from './address.ts'

export type RedisClient = Redis | Cluster

export interface ClientOptions {
  /** Shown by `CLIENT LIST`. */
  readonly name: string
  /** A command that has no answer by then is rejected, ms: whether it ran is unknown. */
  readonly commandTimeout: number
  /** Told of connection errors. Without a listener ioredis prints them. */
  readonly onError: (error: Error) => void
}

const connectTimeout = 1000
const keepAlive = 10_000
const firstRetryDelay = 50
const longestRetryDelay = 1000
/** Waiting time of a cluster command that met a moving slot or a failing node, ms, and how often it may. */
const clusterRetryDelay = 50
const maxRedirections = 5

/**
 * A connection that never surprises: it connects by itself, forever, and until it has, every command fails at once instead of
 * queueing. A command is never sent a second time behind the caller's back: with its defaults ioredis made two increments of one
 * whose answer was lost. Not shared between commands with different deadlines: one that waits would make the others late.
 */
export function connectRedis (address: string, options: ClientOptions): RedisClient {
  const parsed = parseRedisAddress(address)
  const client = parsed.kind === 'cluster' ? connectCluster(parsed, options) : connectOne(parsed, options)
  client.on('error', options.onError)
  return client
}

function connectOne (address: RedisAddress, options: ClientOptions): Redis {
  const [node] = address.nodes
  const common = { ...commonOptions(address, options), enableOfflineQueue: false, retryStrategy: retryDelay, db: address.database }
  if (address.kind === 'single') return new Redis({ ...common, ...node })
  const sentinels = { sentinels: [...address.nodes], name: address.master, enableTLSForSentinelMode: address.tls }
  return new Redis({ ...common, ...sentinels, sentinelRetryStrategy: retryDelay })
}

function connectCluster (address: RedisAddress, options: ClientOptions): Cluster {
  return new Cluster([...address.nodes], {
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    maxRedirections,
    retryDelayOnFailover: clusterRetryDelay,
    retryDelayOnClusterDown: clusterRetryDelay,
    retryDelayOnTryAgain: clusterRetryDelay,
    redisOptions: commonOptions(address, options)
  })
}

function commonOptions ({ tls, username, password }: RedisAddress, { name, commandTimeout }: ClientOptions) {
  return {
    connectionName: name,
    commandTimeout,
    connectTimeout,
    keepAlive,
    maxRetriesPerRequest: 0,
    // 1 reconnects without sending the command again; 2 would.
    reconnectOnError: ({ message }: Error): 1 | false => message.startsWith('READONLY') ? 1 : false,
    protocol: 2 as const,
    ...(tls && { tls: {} }),
    ...(username !== null && { username }),
    ...(password !== null && { password })
  }
}

/** With jitter, so that replicas do not come back all at once. */
function retryDelay (times: number): number {
  return Math.min(firstRetryDelay * 2 ** Math.min(times, 10), longestRetryDelay) + Math.random() * firstRetryDelay
}
