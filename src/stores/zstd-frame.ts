/**
 * Zstandard frames that hold their content as it is (RFC 8878, section 3.1.1): one raw block behind a header without a window, which
 * names the length in four bytes. Whatever reads zstd reads them.
 */

const MAGIC = 0xfd2fb528
/** Frame_Header_Descriptor: the content's length in four bytes, a single segment, no checksum, no dictionary. */
const DESCRIPTOR = 0xa0
const lengthAt = 5
const blockAt = 9
const contentAt = 12
/** A block's header: 1 for the last one, 0 for raw in the next two bits, then its length. */
const LAST_RAW = 1

/** @param content at most 128 KB, which is what fits a block */
export function rawFrame (content: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(contentAt + content.length)
  frame.writeUInt32LE(MAGIC)
  frame.writeUInt8(DESCRIPTOR, lengthAt - 1)
  frame.writeUInt32LE(content.length, lengthAt)
  frame.writeUIntLE(content.length << 3 | LAST_RAW, blockAt, contentAt - blockAt)
  content.copy(frame, contentAt)
  return frame
}

/** The content of such a frame, a view of it; null for any other frame. */
export function inRawFrame (frame: Buffer): Buffer | null {
  if (frame.length < contentAt || frame.readUInt32LE() !== MAGIC || frame[lengthAt - 1] !== DESCRIPTOR) return null
  const length = frame.readUInt32LE(lengthAt)
  const isRaw = frame.readUIntLE(blockAt, contentAt - blockAt) === (length << 3 | LAST_RAW)
  return isRaw && frame.length === contentAt + length ? frame.subarray(contentAt) : null
}
