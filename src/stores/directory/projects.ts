import type { NewProject, Page, PageQuery, ProjectPatch, ProjectsStore } from '../directory.ts'
import { bounded, existing, inForce, writable } from './checks.ts'
import { create } from './create.ts'
import { lists } from './kinds.ts'
import type { Actor, Project, Source } from './objects.ts'
import { readOne, readPage } from './pages.ts'
import type { Records } from './records.ts'
import type { Writer } from './writer.ts'

/** A project as it is made: what isn't given has its default. */
export function newProject (given: NewProject, createdAt: number, source: Source): Project {
  return bounded({
    rateLimits: [],
    models: null,
    spendLimit: null,
    spendAlerts: [],
    settings: { failureMode: null, answers: 'project' },
    ...given,
    createdAt,
    archivedAt: null,
    source
  })
}

export class ProjectRecords implements ProjectsStore {
  readonly #records: Records
  readonly #writer: Writer

  constructor (records: Records, writer: Writer) {
    this.#records = records
    this.#writer = writer
  }

  create (given: NewProject, by: Actor): Promise<Project> {
    return this.#writer.write(by, transaction =>
      create(transaction, 'project', newProject(given, transaction.now, 'api'), given))
  }

  get (id: string): Promise<Project | null> {
    return readOne(this.#records, 'project', id)
  }

  list ({ includeArchived, ...query }: PageQuery & { readonly includeArchived: boolean }): Promise<Page<Project>> {
    return readPage(this.#records, 'project', includeArchived ? lists.projects : lists.activeProjects, query)
  }

  update (id: string, change: (now: Project) => ProjectPatch, by: Actor): Promise<Project> {
    return this.#change(id, by, (now) => bounded({ ...inForce('project', now), ...change(now) }))
  }

  archive (id: string, by: Actor): Promise<Project> {
    return this.#change(id, by, (now, at) => ({ ...now, archivedAt: now.archivedAt ?? at }))
  }

  #change (id: string, by: Actor, change: (now: Project, at: number) => Project): Promise<Project> {
    return this.#writer.write(by, async transaction => {
      const now = writable('project', existing('project', id, await transaction.get('project', id)))
      const next = change(now, transaction.now)
      transaction.put('project', next)
      return next
    })
  }
}
