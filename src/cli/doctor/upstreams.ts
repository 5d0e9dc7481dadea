import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Agent, request } from 'undici'
import type { Config, UpstreamConfig } from '../../config/schema.ts'
import { fail, ok, reasonOf, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** ms */
const deadline = 10_000

/** DNS, TLS, key and base URL of every upstream, by asking for its models. */
export async function checkUpstreams ({ upstreams }: Config): Promise<Finding[]> {
  return await Promise.all(Object.entries(upstreams).map(async ([name, upstream]) => await checkUpstream(`upstream ${name}`, upstream)))
}

async function checkUpstream (check: string, upstream: UpstreamConfig): Promise<Finding> {
  const { base_url: baseUrl, keys } = upstream
  if (baseUrl === 'demo') return warn(check, 'the built-in offline provider', 'set AIMLAPI_API_KEY, or name an upstream, for real models')
  const { hostname } = new URL(baseUrl)
  try {
    await resolveHost(hostname)
  } catch (error) {
    return fail(check, `${hostname} is not known (${reasonOf(error)})`, 'check base_url, and that this machine reaches its name server')
  }
  const agent = new Agent({ connect: { timeout: deadline }, headersTimeout: deadline, bodyTimeout: deadline })
  try {
    const started = performance.now()
    const { statusCode, body } = await request(`${baseUrl}/models`, { dispatcher: agent, headers: headersOf(upstream) })
    await body.dump()
    return verdict(check, baseUrl, statusCode, Math.round(performance.now() - started), keys.length)
  } catch (error) {
    return unreachable(check, baseUrl, reasonOf(error))
  } finally {
    await agent.destroy()
  }
}

async function resolveHost (hostname: string): Promise<void> {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare) === 0) await lookup(bare)
}

function headersOf ({ headers, keys: [key] }: UpstreamConfig): Record<string, string> {
  return { ...headers, ...(key !== undefined && { authorization: `Bearer ${key.value}` }) }
}

function verdict (check: string, baseUrl: string, status: number, ms: number, keys: number): Finding {
  const answered = `${baseUrl}/models answers ${status} in ${ms} ms`
  if (status < 300) return keys > 0 ? ok(check, answered) : warn(check, `${answered}, but no key is set`, 'set its keys, unless it needs none')
  if (status === 401 || status === 403) return fail(check, `${answered}: the key is refused`, 'check the key, and that it reaches this process')
  if (status === 404) return fail(check, answered, 'check base_url: it ends in the version, such as /v1')
  return warn(check, answered, 'see the provider\'s status page; the gateway retries what can be')
}

function unreachable (check: string, baseUrl: string, reason: string): Finding {
  const isTls = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(reason)
  return fail(check, `${baseUrl} cannot be reached (${reason})`, isTls ? 'check its certificate; NODE_EXTRA_CA_CERTS adds an authority of your own' : 'check base_url and what stands between: firewall, proxy')
}
