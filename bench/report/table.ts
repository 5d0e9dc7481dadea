/** A Markdown table that also reads well on a terminal. Numbers are for the caller to format. */
export function table (header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = header.map((title, column) => Math.max(3, ...[title, ...rows.map(row => row[column] ?? '')].map(cell => [...cell].length)))
  const line = (cells: readonly string[]): string => `| ${widths.map((width, column) => padded(cells[column] ?? '', width, column > 0)).join(' | ')} |`
  const rule = `|${widths.map((width, column) => `${'-'.repeat(width + 1)}${column > 0 ? ':' : '-'}`).join('|')}|`
  return [line(header), rule, ...rows.map(line)].join('\n')
}

function padded (text: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - [...text].length)
  return right ? space + text : text + space
}
