import { crc32 } from 'node:zlib'
import type { Test } from 'tap'
import { randomBase62, toBase62 } from '../../src/keys/base62.ts'
import { digestKey, mintKey, redactKey } from '../../src/keys/key.ts'
import type { ParsedKey } from '../../src/keys/key.ts'
import type { Actor, Directory, KeyPatch } from '../../src/stores/directory.ts'
import { sendJson, startProvider } from '../helpers/provider.ts'
import { pepper, startPublicListener } from '../helpers/public-listener.ts'
import type { PublicListener, PublicListenerOptions } from '../helpers/public-listener.ts'

export const tester: Actor = { type: 'system', id: null, address: null }

/** A public listener in front of a provider that has one model. */
export async function startKeyListener (t: Test, options: Omit<PublicListenerOptions, 'upstream'> = {}): Promise<PublicListener> {
  const provider = await startProvider(t, ({ response }) => {
    sendJson(response, { object: 'list', data: [{ id: 'm', object: 'model', created: 1, owned_by: 'test' }] })
  })
  return await startPublicListener(t, { ...options, upstream: provider.url })
}

/** A new key of a project, `default` when not given. */
export async function createKey (directory: Directory, where = { projectId: 'proj_default', serviceAccountId: 'svc_acct_default' }, patch: KeyPatch = {}): Promise<ParsedKey> {
  const key = mintKey()
  await directory.keys.create({ id: key.id, digest: digestKey(key.token, pepper), ...where, name: 'test', redacted: redactKey(key.token), ...patch }, tester)
  return key
}

/** A guess at the secret of a key, with a right checksum. */
export function withOtherSecret (token: string): string {
  const unchecked = `${token.slice(0, 'sk-tg_'.length + 12)}_${randomBase62(32)}_`
  return unchecked + toBase62(crc32(unchecked), 6)
}

export interface Refusal {
  readonly message: string
  readonly type: string
  readonly code: string
}

/** Asks for the models with these headers. */
export async function ask ({ url }: PublicListener, headers: Record<string, string>, query = ''): Promise<Response> {
  return await fetch(`${url}/v1/models${query}`, { headers })
}

export async function askWith (listener: PublicListener, key: string, headers: Record<string, string> = {}): Promise<Response> {
  return await ask(listener, { authorization: `Bearer ${key}`, ...headers })
}

export async function refusalOf (response: Response): Promise<Refusal> {
  const { error } = await response.json() as { error: Refusal }
  return error
}
