/** A cell: what is not there is shown as a hyphen. */
export type Cell = string | number | boolean | null | undefined
export type Row = Readonly<Record<string, Cell>>

/** Rows under the names of their members, in columns as wide as needed; numbers stand to the right. */
export function printTable (rows: readonly Row[]): string {
  const [first] = rows
  if (first === undefined) return 'nothing\n'
  const names = Object.keys(first)
  const cells = [names.map(name => name.toUpperCase()), ...rows.map(row => names.map(name => shown(row[name])))]
  const columns = names.map((name, index) => ({
    width: Math.max(...cells.map(line => line[index]?.length ?? 0)),
    right: rows.some(row => typeof row[name] === 'number')
  }))
  const lines = cells.map(line => line.map((cell, index) => {
    const { width, right } = columns[index] ?? { width: 0, right: false }
    return right ? cell.padStart(width) : cell.padEnd(width)
  }).join('  ').trimEnd())
  return `${lines.join('\n')}\n`
}

/** RFC 4180; a cell that a spreadsheet would take for a formula is text. */
export function printCsv (rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  return [names.map(quoted), ...rows.map(row => names.map(name => quoted(row[name])))].map(line => `${line.join(',')}\r\n`).join('')
}

function shown (cell: Cell): string {
  return cell === null || cell === undefined || cell === '' ? '-' : printable(plain(cell))
}

/** Without an exponent, whatever the number: money goes down to the billionth of a dollar. */
function plain (cell: string | number | boolean): string {
  const text = String(cell)
  return typeof cell === 'number' && text.includes('e-') ? cell.toFixed(9).replace(/\.?0+$/, '') : text
}

function quoted (cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  const text = typeof cell === 'string' && /^[=+@\t\r-]/.test(cell) ? `'${cell}` : plain(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What others named must not steer the terminal, nor break the line. */
export function printable (text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?')
}
