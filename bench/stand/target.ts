import { mintKey } from '../../src/keys/key.ts'
import type { Work } from '../works.ts'
import type { Gateway, StoreName } from './gateway.ts'
import type { BenchProcess } from './process.ts'

/** An HTTP request as the load generators send it. */
export interface LoadRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Something that requests are sent through. */
export interface Target {
  /** For the tables. */
  readonly name: string
  /** Of a gateway. */
  readonly store: StoreName | null
  readonly process: BenchProcess
  readonly port: number
  /** Where its metrics are; null when it has none. */
  readonly operatorPort: number | null
  requestFor (work: Work): LoadRequest
}

export function yardstickTarget (process: BenchProcess, port: number): Target {
  const headers = headersWith(mintKey().token)
  return { name: 'nginx', store: null, process, port, operatorPort: null, requestFor: ({ behaviour, path, body }) => ({ path: `/${behaviour}/v1${path}`, headers, body }) }
}

export function gatewayTarget (store: StoreName, gateway: Gateway, name: string = store): Target {
  const { process, port, operatorPort, key, tightKey } = gateway
  const headers = { known: headersWith(key), tight: headersWith(tightKey), unknown: headersWith(mintKey().token) }
  return { name, store, process, port, operatorPort, requestFor: ({ path, body, caller }) => ({ path: `/v1${path}`, headers: headers[caller], body }) }
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
