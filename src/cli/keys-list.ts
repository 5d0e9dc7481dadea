import { adminClient } from './admin-client.ts'
import { projectPath } from './lookup.ts'
import { printList, printTime } from './print.ts'
import type { PrintOptions } from './print.ts'

export interface KeyObject {
  readonly id: string
  readonly name: string
  readonly redacted_value: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
  readonly owner: { readonly service_account: { readonly id: string, readonly name: string } }
  readonly source: string
}

/** `tollgate keys list` */
export async function listKeys ({ project, ...options }: PrintOptions & { readonly project: string }): Promise<void> {
  const client = adminClient()
  const keys = await client.list<KeyObject>(`${await projectPath(client, project)}/api_keys`)
  printList(keys, options, key => ({
    id: key.id,
    name: key.name,
    application: key.owner.service_account.name,
    key: key.redacted_value,
    created: printTime(key.created_at),
    'last used': printTime(key.last_used_at),
    expires: printTime(key.expires_at),
    source: key.source
  }))
}
