import type { Failures } from './failures.ts'
import { freshBody } from './stand/target.ts'
import type { LoadRequest, Target } from './stand/target.ts'
import type { Work } from './works.ts'

/** Who takes part in what. */
export type TakingPart = ReadonlyMap<Work, readonly Target[]>

/** Asks every target for every work. A work that a peer answers in another way is not its work; a gateway's is a failure. */
export async function abilities (works: readonly Work[], targets: readonly Target[], failures: Failures): Promise<TakingPart> {
  const takingPart = new Map<Work, Target[]>()
  for (const work of works) {
    const able: Target[] = []
    for (const target of targets) {
      const request = target.requestFor(work)
      if (request === null) continue
      const difference = await differenceFrom(work, target, request).catch(String)
      if (difference === null) able.push(target)
      else if (target.gateway !== null) failures.add(`${work.name}, ${target.name}: ${difference}`)
    }
    takingPart.set(work, able)
  }
  return takingPart
}

/** Sends a request twice. Null when the second is answered as the work expects; else what is answered instead. */
async function differenceFrom ({ expected, body }: Work, target: Target, request: LoadRequest): Promise<string | null> {
  await (await send(target, request)).arrayBuffer()
  const response = await send(target, request)
  const text = await response.text()
  if (target.isNginx) return response.ok ? null : `${response.status}`
  if (response.status !== expected.status) return `${response.status} instead of ${expected.status}: ${text.slice(0, 200)}`
  const cache = response.headers.get('x-tollgate-cache')
  if (expected.cache !== undefined && cache !== expected.cache) return `${cache} instead of a ${expected.cache}`
  if (expected.status === 200 && body.includes('"stream":true') && !text.includes('data: [DONE]')) return `a stream without an end: ${text.slice(0, 200)}`
  return null
}

/** One request, as a client without much speed sends it. */
export async function send (target: Target, request: LoadRequest): Promise<Response> {
  return await fetch(`http://127.0.0.1:${target.port}${request.path}`, { method: 'POST', headers: request.headers, body: freshBody(request) })
}
