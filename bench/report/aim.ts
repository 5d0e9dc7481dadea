/** What a figure should be at most, or at least. */
export interface Aim {
  readonly aim: number
  readonly stretch: number | null
  readonly atLeast?: boolean
}

/** Aim and stretch, as the table names them. */
export function aimText (aim: Aim | null): string {
  if (aim === null) return ''
  return `${aim.atLeast === true ? '≥' : '≤'} ${aim.aim}${aim.stretch === null ? '' : ` (${aim.stretch})`}`
}

/** How a figure stands to its aim: `✓✓` reaches the stretch too; a miss says by how much. Nothing where nothing was measured. */
export function verdict (value: number, aim: Aim | null): string {
  if (aim === null || Number.isNaN(value)) return ''
  const reaches = (bound: number | null): boolean => bound !== null && (aim.atLeast === true ? value >= bound : value <= bound)
  if (reaches(aim.stretch)) return '✓✓'
  if (reaches(aim.aim)) return '✓'
  if (aim.aim === 0) return '✗'
  const off = Math.round((value / aim.aim - 1) * 100)
  return `✗ ${off < 0 ? '−' : '+'}${Math.abs(off)} %`
}
