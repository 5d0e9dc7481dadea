/** What the items of one call have in common, said once: neighbours mostly have all of it in common, and comparing costs less than saying it again. */
export class Neighbours<Item> {
  readonly #alike: (one: Item, other: Item) => boolean
  readonly #toText: (item: Item) => string
  readonly #texts: string[] = []
  #last: Item | null = null

  /** `toText`: what is said of an item, and of all that are alike, as JSON. */
  constructor (alike: (one: Item, other: Item) => boolean, toText: (item: Item) => string) {
    this.#alike = alike
    this.#toText = toText
  }

  /** Where the item's text is, from 1. */
  add (item: Item): number {
    if (this.#last === null || !this.#alike(item, this.#last)) this.#texts.push(this.#toText(item))
    this.#last = item
    return this.#texts.length
  }

  /** All texts, as a JSON array. */
  get text (): string {
    return `[${this.#texts.join(',')}]`
  }
}
