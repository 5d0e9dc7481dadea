import { adminClient } from './admin-client.ts'
import { findApplication, projectPath } from './lookup.ts'
import type { ServiceAccountObject } from './lookup.ts'
import { printJson } from './print.ts'
import type { PrintOptions } from './print.ts'
import { snippets } from './snippets.ts'

/** A key as it is shown the only time. */
export interface MadeKey {
  readonly id: string
  readonly value: string
  readonly name: string
  readonly expires_at: number | null
}

export interface CreateKeyOptions extends PrintOptions {
  readonly project: string
  readonly name?: string
  /** Seconds. */
  readonly expires?: number
  readonly baseUrl: string
}

/** `tollgate keys create`: makes a key for an application, and the application if need be. */
export async function createKey (application: string, { project, name, expires, baseUrl, json }: CreateKeyOptions): Promise<void> {
  const client = adminClient()
  const path = await projectPath(client, project)
  const { id } = await findApplication(client, path, application) ??
    await client.post<ServiceAccountObject>(`${path}/service_accounts`, { name: application, create_service_account_only: true })
  const key = await client.post<MadeKey>(`${path}/service_accounts/${id}/api_keys`, {
    ...(name !== undefined && { name }),
    ...(expires !== undefined && { expires_in_seconds: expires })
  })
  if (json === true) printJson(key)
  else process.stdout.write(`${key.value}\n\n${snippets(baseUrl, key.value)}`)
}
