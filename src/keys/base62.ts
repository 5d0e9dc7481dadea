import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base = alphabet.length

/** The largest multiple of 62 in a byte: bytes from here on are thrown away, or the first eight characters would be likelier. */
const unbiased = 256 - (256 % base)

/** `length` random characters of 0-9A-Za-z, each equally likely: 5.95 bits a character. */
export function randomBase62 (length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < unbiased) text += alphabet[byte % base]
    }
  }
  return text
}

/** An integer ≥ 0 as base 62, padded with zeros to `length` characters. */
export function toBase62 (value: number, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / base)) {
    text = alphabet.charAt(rest % base) + text
  }
  return text
}
