import { adminClient } from './admin-client.ts'
import { projectPath } from './lookup.ts'

/** `tollgate keys revoke` */
export async function revokeKey (key: string, { project }: { readonly project: string }): Promise<void> {
  const client = adminClient()
  await client.delete(`${await projectPath(client, project)}/api_keys/${encodeURIComponent(key)}`)
  process.stdout.write(`${key} is revoked; every process knows within 5 seconds\n`)
}
