/** The first of what comes, or undefined when nothing does; the rest is not asked for. */
export async function firstOf<Item> (items: AsyncIterable<Item>): Promise<Item | undefined> {
  const iterator = items[Symbol.asyncIterator]()
  const next = await iterator.next()
  await iterator.return?.()
  return next.done === true ? undefined : next.value
}
