import { setTimeout as sleep } from 'node:timers/promises'
import { Places } from '../collections/places.ts'
import { GatewayError } from '../openai/errors.ts'
import { Drains } from './drains.ts'
import type { Exchange, ExchangeClient, RelaySettings } from './exchange.ts'
import { endWithin } from './outlet.ts'
import { Relay } from './relay.ts'
import type { ModelRouter } from './routing.ts'
import type { Upstream } from './upstream.ts'

/** How long the settlements of exchanges that were ended may take, ms. */
const settleTimeout = 1000

/** The only door to the providers: every exchange goes through `relay`, and `close` knows all that are open. */
export class UpstreamGateway {
  readonly upstreams: readonly Upstream[]
  /** Replaced whole when the configuration changes. A request keeps the one it came with. */
  router: ModelRouter
  readonly #settings: RelaySettings
  readonly #open = new Places<Relay>()
  readonly #drains = new Drains()
  #closed: Promise<void> | null = null
  #onIdle: (() => void) | null = null

  constructor (upstreams: readonly Upstream[], router: ModelRouter, settings: RelaySettings) {
    this.router = router
    this.upstreams = upstreams
    this.#settings = settings
  }

  /** Exchanges that have not been settled. */
  get inFlight (): number {
    return this.#open.size
  }

  relay (exchange: Exchange): void {
    const relay = new Relay(exchange, this.#settings, this.#drains, () => {
      this.#open.remove(place)
      if (this.#open.size === 0) this.#onIdle?.()
    })
    const place = this.#open.add(relay)
    relay.start()
  }

  /** Sends an answer that no upstream is asked for. A client that does not take it is cut off, as in an exchange. */
  answer (client: ExchangeClient, headers: readonly string[], body: Buffer): void {
    if (client.raw.destroyed) return
    client.raw.writeHead(200, client.takeOver({}).concat(headers, ['content-length', String(body.length)]))
    endWithin(client.raw, body, this.#settings.writeStallTimeout)
  }

  /** Ends what is still open with an error that says why, then closes the connections. Later calls wait for the first. */
  close (): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close (): Promise<void> {
    const idle = new Promise<void>(resolve => { this.#onIdle = resolve })
    for (const relay of this.#open.values()) relay.shutDown(new GatewayError('draining'))
    if (this.#open.size > 0) await Promise.race([idle, sleep(settleTimeout, undefined, { ref: false })])
    await Promise.all(this.upstreams.map(async upstream => { await upstream.close(1000) }))
  }
}
