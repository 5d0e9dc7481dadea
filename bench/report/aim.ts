/** What a figure should be at most. */
export interface Aim {
  readonly aim: number
  readonly stretch: number | null
}

/** Aim and stretch, as the table names them. */
export function aimText (aim: Aim | null, format: (value: number) => string): string {
  if (aim === null) return ''
  return aim.stretch === null ? `≤ ${format(aim.aim)}` : `≤ ${format(aim.aim)} (${format(aim.stretch)})`
}

/** How a figure stands to its aim: `✓✓` reaches the stretch too; a miss says by how much. */
export function verdict (value: number, aim: Aim | null): string {
  if (aim === null) return ''
  if (aim.stretch !== null && value <= aim.stretch) return '✓✓'
  if (value <= aim.aim) return '✓'
  return `✗ +${Math.round((value / aim.aim - 1) * 100)} %`
}
