import { mintKey } from '../../src/keys/key.ts'
import { requestsOfGateway, requestsOfNginx } from '../measure/served.ts'
import { freshSeed } from '../works.ts'
import type { Work } from '../works.ts'
import type { Gateway, StoreName } from './gateway.ts'
import type { BenchProcess } from './process.ts'

/** An HTTP request as the load generators send it. */
export interface LoadRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** With `freshSeed` where each request has a number of its own. */
  readonly body: string
}

/** Something that requests are sent through. */
export interface Target {
  /** For the tables. */
  readonly name: string
  /** Null for what is not this gateway. */
  readonly gateway: { readonly store: StoreName, readonly probe: Gateway['probe'] } | null
  /** Answers with the same bytes, whatever is expected of a gateway. */
  readonly isNginx: boolean
  readonly process: BenchProcess
  readonly port: number
  /** Requests that it says it has answered; null for what does not count. */
  served (): Promise<number | null>
  /** Null for a work that it takes no part in. */
  requestFor (work: Work): LoadRequest | null
}

/** nginx, passing everything on. */
export function yardstickTarget (process: BenchProcess, port: number): Target {
  const headers = headersWith(mintKey().token)
  return {
    name: 'nginx',
    gateway: null,
    isNginx: true,
    process,
    port,
    served: requestsOfNginx(port),
    requestFor: ({ behaviour, path, body }) => ({ path: `/${behaviour}/v1${path}`, headers, body })
  }
}

/** nginx with fixed bytes, for the works that a gateway answers from its store. */
export function staticTarget (process: BenchProcess, port: number): Target {
  const headers = headersWith(mintKey().token)
  return {
    name: 'nginx, static',
    gateway: null,
    isNginx: true,
    process,
    port,
    served: requestsOfNginx(port),
    requestFor: ({ behaviour, body, expected }) => expected.cache === 'hit' ? { path: `/${behaviour}`, headers, body } : null
  }
}

/** A gateway, for those works that `takesPart` lets through. */
export function gatewayTarget (gateway: Gateway, name: string = gateway.store, takesPart: (work: Work) => boolean = () => true): Target {
  const { store, probe, process, port, operatorPort, key, tightKey } = gateway
  const headers = { known: headersWith(key), tight: headersWith(tightKey), unknown: headersWith(mintKey().token) }
  return {
    name,
    gateway: { store, probe },
    isNginx: false,
    process,
    port,
    served: requestsOfGateway(operatorPort),
    requestFor: work => takesPart(work) ? { path: `/v1${work.path}`, headers: headers[work.caller], body: work.body } : null
  }
}

/** A request of a work that the target is known to take part in. */
export function requestOf (target: Target, work: Work): LoadRequest {
  const request = target.requestFor(work)
  if (request === null) throw new Error(`${target.name} takes no part in ${work.name}`)
  return request
}

let seeds = Date.now() * 1000

/** The body with numbers of its own, where it asks for them. */
export function freshBody ({ body }: LoadRequest): string {
  return body.replace(String(freshSeed), () => String(++seeds))
}

/** What SDKs send, so that header parsing has its usual work. */
export function headersWith (key: string): Record<string, string> {
  return {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'OpenAI/Python 2.8.1',
    'x-stainless-lang': 'python',
    'x-stainless-package-version': '2.8.1',
    'x-stainless-retry-count': '0'
  }
}
