import { Agent, request } from 'undici'

/** A request that did not get its whole answer. Times are ms of the monotonic clock. */
export interface Failure {
  readonly sentAt: number
  readonly what: string
}

/** Streams among the requests: every so manieth. */
const everyStream = 4
const words = { json: 'demo-words-5', stream: 'demo-words-20' }

/** Callers who send at a constant rate, whatever becomes of what they sent before; JSON and streams. */
export class Load {
  readonly failures: Failure[] = []
  sent = 0
  streams = 0
  #outstanding = 0
  readonly #url: string
  readonly #key: string
  readonly #agent = new Agent()
  readonly #timer: NodeJS.Timeout

  /** @param rate requests a second, which begin at once */
  constructor (url: string, key: string, rate: number) {
    this.#url = `${url}/v1/chat/completions`
    this.#key = key
    const startedAt = performance.now()
    // A timer that is late makes up for it.
    this.#timer = setInterval(() => {
      while (this.sent < (performance.now() - startedAt) / 1000 * rate) void this.#send()
    }, 5)
  }

  /** Requests without their whole answer yet. */
  get outstanding (): number {
    return this.#outstanding
  }

  /** Sends no more, and waits for the rest. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    while (this.#outstanding > 0) await new Promise(resolve => { setTimeout(resolve, 20) })
    await this.#agent.close()
  }

  async #send (): Promise<void> {
    const stream = this.sent++ % everyStream === 0
    if (stream) this.streams++
    this.#outstanding++
    const sentAt = performance.now()
    const fault = await this.#faultOf(stream).catch((error: Error & { code?: string }) => error.code ?? error.message)
    if (fault !== null) this.failures.push({ sentAt, what: `${stream ? 'stream' : 'JSON'}: ${fault}` })
    this.#outstanding--
  }

  /** Null: the answer came, and was whole. */
  async #faultOf (stream: boolean): Promise<string | null> {
    const { statusCode, body } = await request(this.#url, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: stream ? words.stream : words.json, stream, messages: [{ role: 'user', content: 'Hello' }] })
    })
    const text = await body.text()
    if (statusCode !== 200) return `${statusCode} ${text.slice(0, 200)}`
    return stream && !text.endsWith('data: [DONE]\n\n') ? `cut after ${text.slice(-100)}` : null
  }
}
