import type { Command } from 'commander'
import { adminClient } from './admin-client.ts'
import { projectId } from './lookup.ts'
import { printJson } from './print.ts'
import type { PrintOptions } from './print.ts'
import { printTable } from './table.ts'

const path = '/v1/tollgate/answers'

/** `tollgate answers`: the stored answers of reproducible requests. */
export function addAnswers (program: Command): void {
  const answers = program.command('answers').description('stored answers of reproducible requests')
  answers.command('stats')
    .description('how many answers are stored')
    .option('-p, --project <project>', 'of one team, by name or id')
    .option('--json', 'as JSON')
    .action(stats)
  answers.command('purge')
    .description('delete a team\'s stored answers')
    .requiredOption('-p, --project <project>', 'the team, by name or id')
    .action(purge)
}

async function stats ({ project, json }: PrintOptions & { readonly project?: string }): Promise<void> {
  const client = adminClient()
  const query = project === undefined ? {} : { project: await projectId(client, project) }
  const { answers, bytes } = await client.get<{ readonly answers: number, readonly bytes: number }>(path, query)
  if (json === true) printJson({ answers, bytes })
  else process.stdout.write(printTable([{ answers, bytes }]))
}

async function purge ({ project }: { readonly project: string }): Promise<void> {
  const client = adminClient()
  const { deleted } = await client.delete<{ readonly deleted: number }>(path, { project: await projectId(client, project) })
  process.stdout.write(`${deleted} answers are deleted\n`)
}
