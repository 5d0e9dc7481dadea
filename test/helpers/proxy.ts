import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

interface Link {
  readonly client: Socket
  readonly server: Socket
  /** The client has asked something whose answer is to get lost. */
  doomed: boolean
}

/** A TCP proxy on this machine that does to its connections what networks do. */
export class Proxy {
  readonly #server: Server
  readonly #links = new Set<Link>()
  #target: number
  #frozen = false
  #doom: { readonly command: string, readonly done: () => void } | null = null

  private constructor (server: Server, target: number) {
    this.#server = server
    this.#target = target
    server.on('connection', client => { this.#open(client) })
  }

  /** `target`: the port behind it. */
  static async start (target: number): Promise<Proxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Proxy(server, target)
  }

  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Cuts every connection; new ones go to another port. */
  redirect (target: number): void {
    this.#target = target
    for (const link of this.#links) cut(link)
  }

  /** Nothing that is sent arrives any more, and nobody is told. */
  freeze (): void {
    this.#frozen = true
    for (const { client, server } of this.#links) for (const socket of [client, server]) socket.pause()
  }

  /** Lets the next such command through, and resets its connection when the answer comes. */
  async loseReply (command: string): Promise<void> {
    await new Promise<void>(resolve => { this.#doom = { command, done: resolve } })
  }

  async close (): Promise<void> {
    for (const link of this.#links) cut(link)
    this.#server.close()
    await once(this.#server, 'close')
  }

  #open (client: Socket): void {
    const server = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    const link: Link = { client, server, doomed: false }
    this.#links.add(link)
    client.on('data', data => {
      if (this.#doom !== null && data.includes(this.#doom.command)) {
        link.doomed = true
        this.#doom.done()
        this.#doom = null
      }
      server.write(data)
    })
    server.on('data', data => {
      if (link.doomed) cut(link)
      else client.write(data)
    })
    for (const socket of [client, server]) {
      socket.on('error', () => {})
      socket.once('close', () => {
        this.#links.delete(link)
        cut(link)
      })
      if (this.#frozen) socket.pause()
    }
  }
}

function cut ({ client, server }: Link): void {
  client.resetAndDestroy()
  server.resetAndDestroy()
}
