import type { LimitView } from '../metering/limits.ts'

interface Standing {
  view: LimitView
  /** Monotonic ms. */
  at: number
}

/** Where a project of which nothing was heard for so long stands is not known any more, ms. */
const forgottenAfter = 3_600_000

/** The last known standing of every limit of projects; limits of single keys are left out. As bounded as the names it is given. */
export class LimitStandings {
  readonly #projects = new Map<string, Map<string, Standing>>()

  note (project: string, views: readonly LimitView[], now: number): void {
    let limits = this.#projects.get(project)
    if (limits === undefined) this.#projects.set(project, limits = new Map())
    for (const view of views) {
      if (view.rule.scope === 'key') continue
      const standing = limits.get(view.rule.id)
      if (standing === undefined) {
        limits.set(view.rule.id, { view, at: now })
      } else {
        standing.view = view
        standing.at = now
      }
    }
  }

  /** Calls back with each, and forgets what is old. */
  each (now: number, visit: (project: string, view: LimitView) => void): void {
    for (const [project, limits] of this.#projects) {
      for (const [id, { view, at }] of limits) {
        if (now - at > forgottenAfter) limits.delete(id)
        else visit(project, view)
      }
    }
  }
}
