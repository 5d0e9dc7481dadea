import { crc32 } from 'node:zlib'

/** Bytes of UTF-8 in one demo token. */
const tokenBytes = 4

/**
 * The demo's tokenizer: one token is four bytes of UTF-8, the last one may be shorter. Anyone can count with it,
 * and a partial answer's tokens follow from the bytes that were seen.
 */
export function demoTokens (text: string): number {
  return tokensOfBytes(Buffer.byteLength(text))
}

export function tokensOfBytes (bytes: number): number {
  return Math.ceil(bytes / tokenBytes)
}

/** The start of a text that is at most so many tokens, never ending within a character. */
export function firstTokens (text: string, tokens: number): string {
  if (demoTokens(text) <= tokens) return text
  const bytes = Buffer.from(text)
  let end = tokens * tokenBytes
  while (isContinuation(bytes[end])) end--
  return bytes.toString('utf8', 0, end)
}

/** Bytes 10xxxxxx continue a character (RFC 3629 section 3). */
function isContinuation (byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xC0) === 0x80
}

/** A 32-bit number that depends on every text. CRC-32, because it is the fastest hash in Node. */
export function hashOf (...texts: readonly string[]): number {
  let hash = 0
  for (const text of texts) hash = crc32(text, crc32('\0', hash))
  return hash
}

/** Endless pseudo-random 32-bit numbers, the same for the same start (xorshift32). */
export function numbersFrom (start: number): () => number {
  let state = start === 0 ? 0x9E3779B9 : start
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** Sixty-four words. Some need two, three or four bytes a letter, so that every stream also tests UTF-8 at its seams. */
const vocabulary = (
  'amber autumn bay beacon birch breeze bridge brook café cedar cliff cloud coast copper coral creek ' +
  'dawn delta drift dune echo ember fern field fjord flint forest garden glen granite harbor heron ' +
  'island ivory jade lagoon lantern linden maple marble meadow mist moss naïve north ocean olive orchid ' +
  'pebble pine quartz rain reef river sable shore silver stone summit tide valley willow 東京 🚦'
).split(' ')

/** So many words, decided by the hash alone. */
export function wordsFrom (hash: number, count: number): string {
  const next = numbersFrom(hash)
  const words = new Array<string>(count)
  for (let i = 0; i < count; i++) words[i] = vocabulary[next() >>> 26] as string
  return words.join(' ')
}

/** Texts above this many characters stream in large pieces: they test volume, not words. */
const largeText = 16_384
const largePiece = 1_024

/** The pieces in which a text is streamed: words with the blanks before them. Joined, they are the text. */
export function piecesOf (text: string): Iterable<string> {
  return text.length > largeText ? slicesOf(text) : text.match(/\s*\S+|\s+$/g) ?? []
}

function * slicesOf (text: string): Generator<string> {
  for (let start = 0; start < text.length; start += largePiece) yield text.slice(start, start + largePiece)
}
