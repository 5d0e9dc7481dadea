/**
 * Whether the time of a 401 tells a guesser anything: a wrong secret for a key that exists against a key that nobody made, both with
 * a right checksum, one after the other over one connection. Prints medians, quartiles and the share of pairs in which the first
 * took longer (0.5: nothing can be told from one).
 *
 * node bench/refusals.ts <base URL> <a key that exists> [pairs]
 */
import { crc32 } from 'node:zlib'
import { Pool } from 'undici'
import { randomBase62, toBase62 } from '../src/keys/base62.ts'
import { mintKey } from '../src/keys/key.ts'

const [base = '', key = '', pairs = '5000'] = process.argv.slice(2)
const pool = new Pool(new URL(base).origin, { connections: 1 })
const known: number[] = []
const unknown: number[] = []

for (let number = 0; number < Number(pairs); number++) {
  known.push(await timeOf(withOtherSecret(key)))
  unknown.push(await timeOf(mintKey().token))
}
const later = known.filter((time, index) => time > (unknown[index] ?? 0)).length / known.length
console.log(`wrong secret ${summary(known)}\nunknown key  ${summary(unknown)}\nlonger with a wrong secret: ${later.toFixed(3)} of the pairs`)
await pool.close()

/** ms */
async function timeOf (token: string): Promise<number> {
  const start = performance.now()
  const { statusCode, body } = await pool.request({ method: 'GET', path: '/v1/tollgate/me', headers: { authorization: `Bearer ${token}` } })
  await body.dump()
  if (statusCode !== 401) throw new Error(`a guess was answered with ${statusCode}: raise door.max for this measurement`)
  return performance.now() - start
}

function withOtherSecret (token: string): string {
  const unchecked = `${token.slice(0, 'sk-tg_'.length + 12)}_${randomBase62(32)}_`
  return unchecked + toBase62(crc32(unchecked), 6)
}

function summary (times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other)
  const micros = (share: number): string => `${Math.round((sorted[Math.floor(share * sorted.length)] ?? 0) * 1000)} µs`
  return `median ${micros(0.5)}, quartiles ${micros(0.25)} to ${micros(0.75)}`
}
