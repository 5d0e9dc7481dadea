/** Where Redis is, and how to get in. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  /** The server, or some of the sentinels or cluster nodes. */
  readonly nodes: readonly RedisNode[]
  /** Sentinel's name of the master. */
  readonly master: string
  readonly tls: boolean
  readonly username: string | null
  readonly password: string | null
  readonly database: number
}

export interface RedisNode {
  readonly host: string
  readonly port: number
}

const shape = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/
const defaultPorts = { single: 6379, cluster: 6379, sentinel: 26379 }

/**
 * Reads a store address. User, password and database are optional, and so are ports; both are percent-encoded.
 *
 * - `redis://user:password@host:6379/0`, `rediss://…` with TLS
 * - `redis+sentinel://user:password@sentinel-1:26379,sentinel-2/mymaster/0`
 * - `redis+cluster://user:password@node-1:6379,node-2`; with TLS: `?tls=true`
 *
 * Throws TypeError when it is none of these. The message does not repeat the address, which may contain a password.
 */
export function parseRedisAddress (address: string): RedisAddress {
  const [, scheme, kindName, username, password, hosts = '', path = '', query = ''] = shape.exec(address) ?? []
  if (scheme === undefined) throw new TypeError('not an address of a Redis')
  const kind = kindName === undefined ? 'single' : kindName as 'sentinel' | 'cluster'
  const [master, database] = kind === 'sentinel' ? path.split('/') : ['', path]
  if (kind === 'sentinel' && master === '') throw new TypeError('the address of a sentinel ends in the name of the master: /mymaster')
  return {
    kind,
    nodes: hosts.split(',').map(host => parseNode(host, defaultPorts[kind])),
    master: master ?? '',
    tls: scheme === 'rediss' || new URLSearchParams(query).get('tls') === 'true',
    username: decoded(username),
    password: decoded(password),
    database: parseDatabase(database)
  }
}

function parseNode (text: string, defaultPort: number): RedisNode {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined) throw new TypeError('a host of the Redis address cannot be read')
  return { host, port: port === undefined ? defaultPort : Number(port) }
}

function parseDatabase (text: string | undefined): number {
  if (text === undefined || text === '') return 0
  if (!/^\d{1,5}$/.test(text)) throw new TypeError('the database of a Redis address is a number')
  return Number(text)
}

function decoded (text: string | undefined): string | null {
  return text === undefined || text === '' ? null : decodeURIComponent(text)
}
