/** An answer (with an id) or an event (with a method). */
interface Message {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
  readonly method?: string
  readonly params?: unknown
}

/** A connection to the inspector of a Node process (Chrome DevTools Protocol), reduced to asking and collecting. */
export class Inspector {
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (answer: Message) => void>()
  readonly #listeners = new Map<string, (params: unknown) => void>()
  #lastId = 0

  private constructor (socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => { this.#take(JSON.parse(data)) })
  }

  static async connect (port: number): Promise<Inspector> {
    const [target] = await (await fetch(`http://127.0.0.1:${port}/json`)).json() as Array<{ webSocketDebuggerUrl: string }>
    if (target === undefined) throw new Error('nothing to inspect')
    const socket = new WebSocket(target.webSocketDebuggerUrl)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', reject)
    })
    return new Inspector(socket)
  }

  async ask<Result> (method: string, params: object = {}): Promise<Result> {
    const id = ++this.#lastId
    this.#socket.send(JSON.stringify({ id, method, params }))
    return await new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result as Result)
        else reject(new Error(`${method}: ${error.message}`))
      })
    })
  }

  on (method: string, listener: (params: unknown) => void): void {
    this.#listeners.set(method, listener)
  }

  close (): void {
    this.#socket.close()
  }

  #take (message: Message): void {
    if (message.method !== undefined) this.#listeners.get(message.method)?.(message.params)
    if (message.id === undefined) return
    this.#answers.get(message.id)?.(message)
    this.#answers.delete(message.id)
  }
}
