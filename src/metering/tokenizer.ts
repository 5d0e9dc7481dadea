import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'

/**
 * Tokens of a text by the encoding of OpenAI's current models. Importing this file takes 60 MB and a quarter of a second: import it
 * when the first prompt has to be counted. Special tokens in a prompt are text like any other.
 */
export function countO200k (text: string): number {
  return countTokens(text, { disallowedSpecial: new Set() })
}
