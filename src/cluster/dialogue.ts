/** What can be asked: by topic, what goes along with the question, and what comes back. */
export type Topics<T> = { readonly [K in keyof T]: { readonly detail: unknown, readonly answer: unknown } }
/** Who answers. */
export type Answers<T extends Topics<T>> = { readonly [K in keyof T]: (detail: T[K]['detail']) => T[K]['answer'] | Promise<T[K]['answer']> }

/** One end of the channel between two processes: a child, or in the child `process`. */
export interface Channel {
  readonly connected: boolean
  on (event: 'message', listener: (message: unknown) => void): unknown
  on (event: 'disconnect', listener: () => void): unknown
  send? (message: object, handle: undefined, options: object, done: (error: Error | null) => void): boolean
}

interface Message {
  readonly kind: 'question' | 'answer' | 'failure'
  readonly number: number
  readonly topic?: string
  readonly content: unknown
}

interface Waiting {
  resolve (answer: unknown): void
  reject (error: Error): void
  readonly timer: NodeJS.Timeout
}

/** A process that is alive answers sooner, ms. */
const patience = 5_000

/** Questions and answers between two processes, each of which may ask. */
export class Dialogue<Asked extends Topics<Asked>, Answered extends Topics<Answered>> {
  readonly #channel: Channel
  readonly #answers: Answers<Answered>
  readonly #waiting = new Map<number, Waiting>()
  #count = 0

  constructor (channel: Channel, answers: Answers<Answered>) {
    this.#channel = channel
    this.#answers = answers
    channel.on('message', message => { void this.#hear(message as Message) })
    channel.on('disconnect', () => { for (const number of this.#waiting.keys()) this.#take(number)?.reject(new Error('the other process is gone')) })
  }

  /** Rejects when there is no answer within five seconds, or no one to answer any more. */
  async ask<K extends keyof Asked & string> (topic: K, detail: Asked[K]['detail']): Promise<Asked[K]['answer']> {
    const number = ++this.#count
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => { this.#take(number)?.reject(new Error(`no answer about ${topic}`)) }, patience)
      this.#waiting.set(number, { resolve, reject, timer })
      this.#say({ kind: 'question', number, topic, content: detail }, error => { this.#take(number)?.reject(error) })
    })
  }

  async #hear ({ kind, number, topic, content }: Message): Promise<void> {
    if (kind === 'question') this.#say(await this.#answerTo(number, topic as keyof Answered, content))
    else if (kind === 'answer') this.#take(number)?.resolve(content)
    else this.#take(number)?.reject(new Error(String(content)))
  }

  async #answerTo (number: number, topic: keyof Answered, detail: unknown): Promise<Message> {
    try {
      return { kind: 'answer', number, content: await this.#answers[topic](detail) }
    } catch (error) {
      return { kind: 'failure', number, content: error instanceof Error ? error.message : String(error) }
    }
  }

  /** What cannot be said is no failure of this process: the other is about to end. */
  #say (message: Message, failed: (error: Error) => void = () => {}): void {
    if (!this.#channel.connected) failed(new Error('the other process is gone'))
    else this.#channel.send?.(message, undefined, {}, error => { if (error !== null) failed(error) })
  }

  #take (number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number)
    clearTimeout(waiting?.timer)
    this.#waiting.delete(number)
    return waiting
  }
}
