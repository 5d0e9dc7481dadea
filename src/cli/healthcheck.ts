import { request } from 'undici'
import { loadConfig } from '../config/load.ts'

/** `tollgate healthcheck`: exit code 0 when the gateway of this configuration is ready. For container images, which have no curl. */
export async function healthcheck (options: { readonly config?: string }): Promise<void> {
  const { operator_listen: { host, port } } = await loadConfig({ env: process.env, ...(options.config === undefined ? {} : { file: options.config }) })
  const address = host.includes(':') ? `[${host}]` : host
  try {
    const { statusCode, body } = await request(`http://${address}:${port}/readyz`, { headersTimeout: 2000, bodyTimeout: 2000 })
    process.stdout.write(`${await body.text()}\n`)
    if (statusCode !== 200) process.exitCode = 1
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
