import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { ridOfRequestId } from './names.ts'

export interface Caller {
  readonly projectId: string
  readonly key: string
}

/**
 * How a call ended for its caller. `answered`: the whole answer came. `refused`: an error status. `left`: the caller went away on purpose.
 * `broken`: anything else, such as a connection that died.
 */
export type Ending = 'answered' | 'refused' | 'left' | 'broken'

/** One request, as its caller saw it. */
export interface Call {
  /** Unique. It is the name of the model asked for, so that the upstream's record and the ledger's row repeat it. */
  readonly name: string
  readonly projectId: string
  /** What `x-request-id` said; null: no head came. */
  rid: string | null
  ending: Ending
  /** Of a refusal: the error's code. */
  code: string | null
  tookMs: number
}

export interface LoadOptions {
  readonly callers: readonly Caller[]
  /** Requests a second, whatever becomes of them. */
  readonly rate: number
  /** The gateways that want requests. */
  readonly urls: () => readonly string[]
}

type Shape = 'json' | 'stream' | 'json, left' | 'stream, left'

/** Of ten requests: five as JSON and five as streams, and one of each is left by its caller in the middle. */
const shapes: readonly Shape[] = ['json', 'stream', 'json', 'stream', 'json, left', 'stream', 'json', 'stream', 'json', 'stream, left']
const tickMs = 20
/** Of callers of JSON that leave: well before the answer is there. */
const leaveAfterMs = 60
/** Nobody waits longer: what takes as long is a fault anyway. */
const patienceMs = 20_000

/** Requests at a steady rate, each to any gateway that wants some. */
export class Load {
  readonly calls: Call[] = []
  readonly #options: LoadOptions
  readonly #agent = new Agent({ keepAliveTimeout: 4_000 })
  readonly #underWay = new Set<Promise<void>>()
  readonly #pacing: Promise<void>
  #running = true

  constructor (options: LoadOptions) {
    this.#options = options
    this.#pacing = this.#pace()
  }

  /** Sends no more, and waits for what is under way. */
  async stop (): Promise<void> {
    this.#running = false
    await this.#pacing
    await Promise.all(this.#underWay)
    await this.#agent.close()
  }

  async #pace (): Promise<void> {
    const start = performance.now()
    while (this.#running) {
      const due = (performance.now() - start) / 1000 * this.#options.rate
      while (this.calls.length < due) this.#send()
      await sleep(tickMs)
    }
  }

  #send (): void {
    const { callers, urls } = this.#options
    const wanting = urls()
    const number = this.calls.length
    const caller = callers[number % callers.length] as Caller
    const shape = shapes[Math.floor(number / callers.length) % shapes.length] as Shape
    const call: Call = { name: `${number}/chaos`, projectId: caller.projectId, rid: null, ending: 'broken', code: null, tookMs: 0 }
    this.calls.push(call)
    const url = wanting[number % wanting.length]
    if (url === undefined) return
    const sending = this.#carry(call, url, caller.key, shape).finally(() => { this.#underWay.delete(sending) })
    this.#underWay.add(sending)
  }

  async #carry (call: Call, url: string, key: string, shape: Shape): Promise<void> {
    const start = performance.now()
    const leaving = new AbortController()
    const patience = setTimeout(() => { leaving.abort() }, shape === 'json, left' ? leaveAfterMs : patienceMs)
    try {
      await this.#ask(call, url, key, shape, leaving.signal)
    } catch {
      call.ending = leaving.signal.aborted && shape === 'json, left' ? 'left' : 'broken'
    }
    clearTimeout(patience)
    call.tookMs = performance.now() - start
  }

  async #ask (call: Call, url: string, key: string, shape: Shape, signal: AbortSignal): Promise<void> {
    const stream = shape.startsWith('stream')
    const { statusCode, headers, body } = await request(`${url}/v1/chat/completions`, {
      method: 'POST',
      dispatcher: this.#agent,
      signal,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: bodyOf(call.name, stream)
    })
    call.rid = ridOfRequestId(String(headers['x-request-id']))
    if (statusCode === 200 && shape === 'stream, left') {
      await once(body, 'data')
      body.destroy()
      call.ending = 'left'
      return
    }
    const text = await body.text()
    if (statusCode === 200) call.ending = isWhole(text, stream) ? 'answered' : 'broken'
    else [call.ending, call.code] = ['refused', codeOf(text)]
  }
}

/** Prompts and answers of different lengths, so that no two requests that follow each other cost the same. */
function bodyOf (name: string, stream: boolean): string {
  const number = Number.parseInt(name, 10)
  const content = `Tell me of chaos${'!'.repeat(number % 61)}`
  return JSON.stringify({ model: name, stream, max_tokens: 4 + number % 9, messages: [{ role: 'user', content }] })
}

function isWhole (text: string, stream: boolean): boolean {
  return stream ? text.endsWith('data: [DONE]\n\n') && !text.includes('"error"') : text.endsWith('}')
}

function codeOf (text: string): string {
  return String((JSON.parse(text) as { error: { code: unknown } }).error.code)
}
