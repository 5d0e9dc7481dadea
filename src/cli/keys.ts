import { mintKey } from '../keys/key.ts'

/** `tollgate keys new`: a key with a valid checksum, known to no store yet. */
export function newKey (): void {
  process.stdout.write(`${mintKey().token}\n`)
}
