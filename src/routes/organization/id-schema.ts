import { randomBase62 } from '../../keys/base62.ts'

const randomCharacters = 20

/** A new id in OpenAI's manner: `proj_…`. */
export function newId (prefix: string): string {
  return prefix + randomBase62(randomCharacters)
}
