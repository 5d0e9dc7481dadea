import { digestKey, mintKey } from '../keys/key.ts'

export interface NewKeyOptions {
  readonly config?: string
  readonly declare?: boolean
}

/** `tollgate keys new`: a key with a valid checksum, known to no store yet. */
export async function newKey ({ config: file, declare }: NewKeyOptions): Promise<void> {
  const { id, token } = mintKey()
  process.stdout.write(`${token}\n`)
  if (declare !== true) return
  const [{ loadConfig }, { loadPepper }] = await Promise.all([import('../config/load.ts'), import('../stores/pepper.ts')])
  const pepper = await loadPepper(await loadConfig({ env: process.env, file }))
  process.stdout.write(`\nkeys:\n  - id: "${id}"\n    hash: "${digestKey(token, pepper).toString('hex')}"\n`)
}
