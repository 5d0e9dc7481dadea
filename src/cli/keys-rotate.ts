import { adminClient } from './admin-client.ts'
import type { CreateKeyOptions, MadeKey } from './keys-create.ts'
import type { KeyObject } from './keys-list.ts'
import { CommandError } from './command-error.ts'
import { projectPath } from './lookup.ts'
import { printJson, printTime } from './print.ts'
import { snippets } from './snippets.ts'

export interface RotateKeyOptions extends Pick<CreateKeyOptions, 'project' | 'baseUrl' | 'json'> {
  /** Seconds. */
  readonly grace: number
}

/** What the second key has of the first. */
interface Inherited {
  readonly scopes: readonly string[]
  readonly rate_limits: readonly object[]
  readonly spend_limit: object | null
}

/** `tollgate keys rotate`: a second key that may do what the first may, which ends after the grace, never later than it would have. */
export async function rotateKey (id: string, { project, grace, baseUrl, json }: RotateKeyOptions): Promise<void> {
  const client = adminClient()
  const path = await projectPath(client, project)
  const oldPath = `${path}/api_keys/${encodeURIComponent(id)}`
  const old = await client.get<KeyObject & Inherited>(oldPath)
  if (old.source === 'file') throw new CommandError(`${id} is declared in the configuration file. Make a second one with: tollgate keys new --declare`)
  const { name, scopes, rate_limits: rateLimits, spend_limit: spendLimit } = old
  const key = await client.post<MadeKey>(`${path}/service_accounts/${old.owner.service_account.id}/api_keys`, { name, scopes, rate_limits: rateLimits, spend_limit: spendLimit })
  const expiresAt = await expire(old)
  if (json === true) printJson({ ...key, replaces: { id, expires_at: expiresAt } })
  else process.stdout.write(`${key.value}\n\n${id} works until ${printTime(expiresAt)} UTC\n\n${snippets(baseUrl, key.value)}`)

  async function expire ({ expires_at: end }: KeyObject): Promise<number> {
    if (end !== null && end <= Date.now() / 1000 + grace) return end
    if (grace === 0) {
      await client.delete(oldPath)
      return Math.floor(Date.now() / 1000)
    }
    const { expires_at: expiresAt } = await client.post<KeyObject>(oldPath, { expires_in_seconds: grace })
    return expiresAt ?? 0
  }
}
