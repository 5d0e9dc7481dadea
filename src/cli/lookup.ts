import type { AdminClient } from './admin-client.ts'
import { CommandError } from './command-error.ts'

export interface ProjectObject {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly created_at: number
  readonly answers: string
  readonly failure_mode: string | null
  readonly source: string
}

export interface ServiceAccountObject {
  readonly id: string
  readonly name: string
}

const base = '/v1/organization/projects'

/** The path below a project that people name by its id or by its name. */
export async function projectPath (client: AdminClient, project: string): Promise<string> {
  return `${base}/${await projectId(client, project)}`
}

export async function projectId (client: AdminClient, project: string): Promise<string> {
  const projects = await client.list<ProjectObject>(base)
  return only(projects, project, 'project', 'tollgate projects list').id
}

/** The application of that name or id, or null. */
export async function findApplication (client: AdminClient, path: string, application: string): Promise<ServiceAccountObject | null> {
  const accounts = await client.list<ServiceAccountObject>(`${path}/service_accounts`)
  const isThere = accounts.some(({ id, name }) => id === application || name === application)
  return isThere ? only(accounts, application, 'application', 'tollgate keys list') : null
}

/** An id goes before a name: names are free, and may look like the id of another. */
function only<Item extends { readonly id: string, readonly name: string }> (items: readonly Item[], wanted: string, kind: string, listing: string): Item {
  const byId = items.find(({ id }) => id === wanted)
  const named = byId === undefined ? items.filter(({ name }) => name === wanted) : [byId]
  const [found, ...more] = named
  if (found === undefined) throw new CommandError(`there is no ${kind} "${wanted}". See: ${listing}`)
  if (more.length > 0) throw new CommandError(`${named.length} ${kind}s are named "${wanted}". Use an id: ${named.map(({ id }) => id).join(', ')}`)
  return found
}
