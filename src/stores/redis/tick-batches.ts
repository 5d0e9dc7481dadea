/** Most items of one call: Redis serves nobody else meanwhile. */
const mostAtOnce = 64

/** Collects what is asked in one turn of the event loop, by project, and hands it on in as few calls as possible. */
export class TickBatches<Item> {
  readonly #send: (projectId: string, items: readonly Item[]) => void
  #collected = new Map<string, Item[]>()

  constructor (send: (projectId: string, items: readonly Item[]) => void) {
    this.#send = send
  }

  add (projectId: string, item: Item): void {
    if (this.#collected.size === 0) setImmediate(() => { this.#flush() })
    const items = this.#collected.get(projectId)
    if (items === undefined) this.#collected.set(projectId, [item])
    else items.push(item)
  }

  #flush (): void {
    const collected = this.#collected
    this.#collected = new Map()
    for (const [projectId, items] of collected) {
      for (let from = 0; from < items.length; from += mostAtOnce) this.#send(projectId, items.slice(from, from + mostAtOnce))
    }
  }
}
