const shape = '"id"\\s*:\\s*"([\\w.:-]{1,256})"'
const atStart = new RegExp(`^\\s*\\{\\s*${shape}`)
const anywhere = new RegExp(shape)
/** Providers write the id first; what has it later is parsed whole. */
const headBytes = 1024

/** The id of a JSON answer (`resp_…`, `chatcmpl-…`), or null. */
export function idOfBody (body: Buffer): string | null {
  const id = atStart.exec(body.toString('latin1', 0, headBytes))?.[1]
  return id ?? parsedId(body)
}

/** The first id in the beginning of a stream: the answer's own in every event that begins one. Null as long as none came. */
export function idOfStreamStart (text: string): string | null {
  return anywhere.exec(text)?.[1] ?? null
}

function parsedId (body: Buffer): string | null {
  try {
    const { id } = JSON.parse(body.toString()) as { id?: unknown }
    return typeof id === 'string' && id !== '' ? id : null
  } catch {
    return null
  }
}
