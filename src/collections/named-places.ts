import { Places } from './places.ts'

/** Items that come and go with every request, each found again by its name. The map has numbers only: what a map held stays in memory for long (`Places`). */
export class NamedPlaces<Item extends object> {
  readonly #items = new Places<Item>()
  readonly #places = new Map<string, number>()

  get size (): number {
    return this.#items.size
  }

  has (name: string): boolean {
    return this.#places.has(name)
  }

  get (name: string): Item | null {
    const place = this.#places.get(name)
    return place === undefined ? null : this.#items.get(place)
  }

  /** Adds an item, or puts it in the place of the one of its name. */
  set (name: string, item: Item): void {
    this.delete(name)
    this.#places.set(name, this.#items.add(item))
  }

  delete (name: string): void {
    const place = this.#places.get(name)
    if (place === undefined) return
    this.#places.delete(name)
    this.#items.remove(place)
  }

  /** In no order. Items may be removed meanwhile. */
  values (): Generator<Item, void> {
    return this.#items.values()
  }
}
