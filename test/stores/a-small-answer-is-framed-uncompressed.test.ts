import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { inRawFrame, rawFrame } from '../../src/stores/zstd-frame.ts'
import { answerOf, newKey, seal } from './answer-store-contract.ts'

const bytes = fc.uint8Array({ maxLength: 3000 }).map(bytes => Buffer.from(bytes))

t.test('any reader of zstd reads the frame', async t => {
  fc.assert(fc.property(bytes, content => {
    t.ok(zstdDecompressSync(rawFrame(content)).equals(content))
    t.ok(inRawFrame(rawFrame(content))?.equals(content))
  }), { numRuns: 50 })
  const most = Buffer.alloc(131_072, 'x')
  t.ok(zstdDecompressSync(rawFrame(most)).equals(most))
})

t.test('a compressed frame, and half a frame, are no raw ones', async t => {
  fc.assert(fc.property(bytes, fc.nat(), (content, cut) => {
    t.equal(inRawFrame(zstdCompressSync(content)), null)
    const frame = rawFrame(content)
    t.equal(inRawFrame(frame.subarray(0, cut % frame.length)), null)
  }), { numRuns: 50 })
})

t.test('only what is worth it is compressed', async t => {
  const key = newKey()
  const [small, large] = [answerOf('x'.repeat(900)), answerOf('x'.repeat(1100))]
  const sealed = { small: await seal.seal(key, small), large: await seal.seal(key, large) }
  t.ok(sealed.small.length > 900)
  t.ok(sealed.large.length < 200)
  t.strictSame(await seal.open(key, sealed.small), small)
  t.strictSame(await seal.open(key, sealed.large), large)
})
