/**
 * What a client must receive of a whole upstream stream, written down as plainly as possible and over the whole text at once:
 * the yardstick for the readers. Streams that fail are not its business.
 */
export function naiveRelay (stream: Buffer, responses: boolean, includeUsage: boolean): string {
  const text = stream.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  let sent = ''
  for (const event of text.match(/(?:\r\n|\r|\n)*(?:[^\r\n]+(?:\r\n|\r(?!\n)|\n))+(?:\r\n|\r(?!\n)|\n)/g) ?? []) {
    const data = dataOf(event)
    if (!responses && data !== null && isUnwanted(data, includeUsage)) continue
    sent += visible(event, data, responses)
    if (data === '[DONE]') break
  }
  return sent
}

function dataOf (event: string): string | null {
  const values = event.split(/[\r\n]+/).flatMap(line => /^data:? ?(.*)$/.exec(line)?.[1] ?? [])
  return values.join('').trim() === '' ? null : values.join('\n')
}

/** The chunk that only carries the account. */
function isUnwanted (data: string, includeUsage: boolean): boolean {
  if (includeUsage || data === '[DONE]') return false
  const { choices, usage, meta } = JSON.parse(data)
  return (choices ?? []).length === 0 && Boolean(usage ?? meta)
}

/** The event without the lines that crash SDKs; nothing when no line is left. */
function visible (event: string, data: string | null, responses: boolean): string {
  const lines = event.match(/[^\r\n]*(?:\r\n|\r(?!\n)|\n)/g) ?? []
  const kept = lines.filter(line => {
    if (/^(:|[\r\n])/.test(line)) return true
    return data !== null && (/^data[:\r\n]/.test(line) || (responses && line.startsWith('event:')))
  })
  return kept.join('').trim() === '' ? '' : kept.join('')
}
