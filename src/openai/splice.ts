import type { Call } from './call.ts'
import { objectOf } from './members.ts'

/** Replaces the bytes from `start` up to `end` by `text`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The body with the edits made, every other byte as it was. The edits must not overlap. */
export function splice (body: Buffer, edits: readonly Edit[]): Buffer {
  const parts: Buffer[] = []
  let kept = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(body.subarray(kept, edit.start), Buffer.from(edit.text))
    kept = edit.end
  }
  parts.push(body.subarray(kept))
  return Buffer.concat(parts)
}

/**
 * The bytes to send upstream for a call: the caller's own, with the upstream's name for the model, with
 * `stream_options.include_usage: true` where a streamed chat completion would otherwise end without its usage, and
 * without a byte order mark (RFC 8259 §8.1 forbids it in a message). The very same Buffer when there is nothing to change.
 */
export function upstreamBody (call: Call, upstreamModel: string): Buffer {
  const edits = byteOrderMarkEdit(call).concat(modelEdit(call, upstreamModel), usageEdit(call))
  return edits.length === 0 ? call.body : splice(call.body, edits)
}

function byteOrderMarkEdit ({ scanned }: Call): Edit[] {
  return scanned.text.startsWith('\xef\xbb\xbf') ? [{ start: 0, end: 3, text: '' }] : []
}

function modelEdit (call: Call, upstreamModel: string): Edit[] {
  const model = call.scanned.members.get('model')
  if (model === undefined || call.model === upstreamModel) return []
  return [{ start: model.start, end: model.end, text: JSON.stringify(upstreamModel) }]
}

function usageEdit (call: Call): Edit[] {
  if (call.endpoint !== 'chat.completions' || !call.stream || call.includeUsage) return []
  const present = call.scanned.members.get('stream_options')
  if (present === undefined) return [insertBefore(call.scanned.closing, ',"stream_options":{"include_usage":true}')]
  const options = objectOf(call.scanned, 'stream_options')
  if (options === null) return [{ start: present.start, end: present.end, text: '{"include_usage":true}' }]
  const asked = options.members.get('include_usage')
  if (asked !== undefined) return [{ start: asked.start, end: asked.end, text: 'true' }]
  return [insertBefore(options.closing, options.members.size === 0 ? '"include_usage":true' : ',"include_usage":true')]
}

function insertBefore (at: number, text: string): Edit {
  return { start: at, end: at, text }
}
