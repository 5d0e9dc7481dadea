/** Reads a response body piece by piece, as a client on the wire sees it. */
export class StreamProbe {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  text = ''
  ended = false

  constructor (response: Response) {
    if (response.body === null) throw new Error('the response has no body')
    this.#reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>
  }

  /** Reads until the text so far contains `part`. Throws when the stream ends first. */
  async until (part: string): Promise<string> {
    while (!this.text.includes(part)) {
      if (this.ended) throw new Error(`the stream ended without ${JSON.stringify(part)}: ${JSON.stringify(this.text)}`)
      await this.#read()
    }
    return this.text
  }

  /** Reads to the end and returns everything. */
  async toEnd (): Promise<string> {
    while (!this.ended) await this.#read()
    return this.text
  }

  async cancel (): Promise<void> {
    await this.#reader.cancel()
  }

  async #read (): Promise<void> {
    const { done, value } = await this.#reader.read()
    if (done) this.ended = true
    else this.text += this.#decoder.decode(value, { stream: true })
  }
}
