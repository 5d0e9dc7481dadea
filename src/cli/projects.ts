import type { Command } from 'commander'
import { adminClient } from './admin-client.ts'
import { projectPath } from './lookup.ts'
import type { ProjectObject } from './lookup.ts'
import { printJson, printList, printTime } from './print.ts'
import type { PrintOptions } from './print.ts'
import type { Row } from './table.ts'

const path = '/v1/organization/projects'

/** `tollgate projects`: teams. */
export function addProjects (program: Command): void {
  const projects = program.command('projects').description('teams')
  projects.command('list')
    .description('list the teams')
    .option('--archived', 'archived ones, too')
    .option('--json', 'as JSON')
    .action(list)
  projects.command('create <name>')
    .description('make a team')
    .option('--json', 'as JSON')
    .action(create)
  projects.command('archive <project>')
    .description('archive a team: its keys stop working')
    .action(archive)
}

async function list ({ archived = false, ...options }: PrintOptions & { readonly archived?: boolean }): Promise<void> {
  printList(await adminClient().list<ProjectObject>(path, { include_archived: archived }), options, rowOf)
}

async function create (name: string, { json }: PrintOptions): Promise<void> {
  const project = await adminClient().post<ProjectObject>(path, { name })
  if (json === true) printJson(project)
  else process.stdout.write(`${project.id}\n`)
}

async function archive (project: string): Promise<void> {
  const client = adminClient()
  const { id } = await client.post<ProjectObject>(`${await projectPath(client, project)}/archive`)
  process.stdout.write(`${id} is archived\n`)
}

function rowOf ({ id, name, status, created_at: createdAt, source }: ProjectObject): Row {
  return { id, name, status, created: printTime(createdAt), source }
}
