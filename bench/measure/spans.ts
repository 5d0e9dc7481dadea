/** ns, of the clock that all processes of a machine share. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Ordered, and without overlaps. */
export function merged (spans: readonly Span[]): Span[] {
  const found: Array<{ start: number, end: number }> = []
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    const last = found.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else found.push({ start, end })
  }
  return found
}

/** How much of a span lies in others, which must not overlap each other; ns. */
export function overlap ({ start, end }: Span, others: readonly Span[]): number {
  return others.reduce((sum, other) => sum + Math.max(0, Math.min(end, other.end) - Math.max(start, other.start)), 0)
}
