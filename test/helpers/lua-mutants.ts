/** A Lua script with one thing changed. */
export interface Mutant {
  /** The line, as it was and as it is. */
  readonly name: string
  readonly text: string
}

interface Operator {
  readonly from: RegExp
  readonly to: string
}

/** What a slip of the hand, or of the mind, does to a line. */
const operators: readonly Operator[] = [
  { from: / \+ /g, to: ' - ' },
  { from: / - /g, to: ' + ' },
  { from: / \* /g, to: ' / ' },
  { from: / \/ /g, to: ' * ' },
  { from: / <= /g, to: ' < ' },
  { from: / >= /g, to: ' > ' },
  { from: / < /g, to: ' <= ' },
  { from: / > /g, to: ' >= ' },
  { from: / <=? /g, to: ' > ' },
  { from: / >=? /g, to: ' < ' },
  { from: / == /g, to: ' ~= ' },
  { from: / ~= /g, to: ' == ' },
  { from: / and /g, to: ' or ' },
  { from: / or /g, to: ' and ' },
  { from: /\bnot /g, to: '' },
  { from: /\btrue\b/g, to: 'false' },
  { from: /-1\b/g, to: '1' },
  { from: /, 1\)/g, to: ', -1)' },
  { from: /math\.max/g, to: 'math.min' },
  { from: /math\.min/g, to: 'math.max' },
  { from: /math\.ceil/g, to: 'math.floor' },
  { from: /math\.floor/g, to: 'math.ceil' }
]

/** Whole lines that may be forgotten: a write, a check, a call for its effect. */
const droppable = /^\s*(redis\.call\(.*\)|if .* then (return|.*redis\.call).* end|if .* end|hold\(.*\)|post\(.*\)|charge\(.*\)|touch_spend\(.*\)|release\(.*\)|for .* do .* end)$/

/** Every script that differs from this one in one operator, or in one forgotten line. Comments stay as they are. */
export function mutantsOf (text: string): Mutant[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (line.startsWith('#') || line.trimStart().startsWith('--')) return []
    const changed = operators.flatMap(operator => changesOf(line, operator))
    if (droppable.test(line)) changed.push('')
    return [...new Set(changed)].map(mutated => ({
      name: `${line.trim()}  →  ${mutated === '' ? '(nothing)' : mutated.trim()}`,
      text: lines.with(index, mutated).join('\n')
    }))
  })
}

function changesOf (line: string, { from, to }: Operator): string[] {
  return [...line.matchAll(from)].map(({ index, 0: found }) => line.slice(0, index) + to + line.slice(index + found.length))
}
