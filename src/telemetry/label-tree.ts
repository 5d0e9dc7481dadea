/** One label's value, behind those before it. */
class Node<Leaf> {
  leaf: Leaf | null = null
  readonly next = new Map<string, Node<Leaf>>()
}

/**
 * Something for each combination of labels. prom-client puts the labels together to a name with each observation and looks that up,
 * which costs ten times as much as to go from one to the next. For what is counted with every request.
 */
export class LabelTree<Label extends string, Leaf> {
  readonly #names: readonly Label[]
  readonly #make: () => Leaf
  readonly #root = new Node<Leaf>()

  /** @param make what a combination has when it is first seen */
  constructor (names: readonly Label[], make: () => Leaf) {
    this.#names = names
    this.#make = make
  }

  /** @param values one for each label, in the order of the names */
  at (values: readonly string[]): Leaf {
    let node = this.#root
    for (const value of values) {
      let next = node.next.get(value)
      if (next === undefined) node.next.set(value, next = new Node())
      node = next
    }
    node.leaf ??= this.#make()
    return node.leaf
  }

  /** Calls back with each that has been seen. */
  each (visit: (labels: Record<Label, string>, leaf: Leaf) => void): void {
    this.#visit(this.#root, [], visit)
  }

  #visit (node: Node<Leaf>, values: readonly string[], visit: (labels: Record<Label, string>, leaf: Leaf) => void): void {
    for (const [value, next] of node.next) this.#visit(next, [...values, value], visit)
    if (node.leaf === null) return
    visit(Object.fromEntries(this.#names.map((name, index) => [name, values[index]])) as Record<Label, string>, node.leaf)
  }
}
