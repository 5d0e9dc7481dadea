import type { Target } from './stand/target.ts'
import type { Work } from './works.ts'

/** Sends a work's request twice. Null when the gateway answers the second as the work expects; else what it answers instead. */
export async function differenceFrom (work: Work, target: Target): Promise<string | null> {
  await (await send(work, target)).arrayBuffer()
  const response = await send(work, target)
  const body = await response.text()
  const { status, header } = work.expected
  if (response.status !== status) return `${response.status} instead of ${status}: ${body.slice(0, 200)}`
  if (header === undefined || response.headers.get(header[0]) === header[1]) return null
  return `${header[0]} is ${response.headers.get(header[0])} instead of ${header[1]}`
}

async function send (work: Work, target: Target): Promise<Response> {
  const { path, headers, body } = target.requestFor(work)
  return await fetch(`http://127.0.0.1:${target.port}${path}`, { method: 'POST', headers, body })
}
