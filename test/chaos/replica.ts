import { mkdirSync, readdirSync } from 'node:fs'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import type { RunningProcess } from '../helpers/gateway-process.ts'
import type { Teardown } from './teardown.ts'

/** How often the balancer asks whether a gateway wants requests, ms. */
const checkInterval = 200

/** One of the gateways, in its several lives. */
export class Replica {
  /** Each of its lives so far. */
  readonly lives: RunningProcess[] = []
  readonly #t: Teardown
  readonly #yaml: string
  readonly #folder: string
  readonly #checks: NodeJS.Timeout
  #wanting = false

  constructor (t: Teardown, yaml: string, folder: string) {
    this.#t = t
    this.#yaml = yaml
    this.#folder = folder
    mkdirSync(folder)
    this.#checks = setInterval(() => { void this.#check() }, checkInterval)
    t.teardown(() => { clearInterval(this.#checks) })
  }

  /** Where to send requests; null while it wants none. */
  get url (): string | null {
    return this.#wanting ? this.#life.publicUrl : null
  }

  /** Something on its disk waits for the store. */
  get owes (): boolean {
    return readdirSync(this.#folder).some(name => name.startsWith('spool-'))
  }

  /** How often its log has a message, in all its lives. */
  said (message: string): number {
    return this.lives.flatMap(({ gateway }) => gateway.lines).filter(line => line.includes(message)).length
  }

  async start (): Promise<void> {
    this.lives.push(await startGatewayProcess(this.#t, { yaml: this.#yaml, env: { TOLLGATE_DATA_DIR: this.#folder } }))
    await this.#check()
  }

  /** kill -9. */
  async kill (): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM: resolves when it has ended by itself. Throws when it did not end well. */
  async drain (): Promise<void> {
    const code = await this.#end('SIGTERM')
    if (code !== 0) throw new Error(`a gateway ended with ${code}: ${this.#life.gateway.complaints}`)
  }

  async #end (signal: NodeJS.Signals): Promise<number | null> {
    const { child, exited } = this.#life.gateway
    child.kill(signal)
    return await exited
  }

  get #life (): RunningProcess {
    const life = this.lives.at(-1)
    if (life === undefined) throw new Error('the gateway was never started')
    return life
  }

  async #check (): Promise<void> {
    const life = this.lives.at(-1)
    if (life === undefined) return
    const response = await fetch(`${life.operatorUrl}/readyz`).catch(() => null)
    if (life === this.lives.at(-1)) this.#wanting = response?.ok === true
  }
}
