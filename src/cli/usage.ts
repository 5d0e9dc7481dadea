import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { adminClient } from './admin-client.ts'
import type { AdminClient, Query } from './admin-client.ts'
import { seconds } from './arguments.ts'
import { printJson } from './print.ts'
import { printCsv, printTable } from './table.ts'
import { addCosts, addTokens, newTotals, rowsOf } from './usage-totals.ts'
import type { CostResult, Group, Totals, UsageResult } from './usage-totals.ts'

interface Bucket<Result> { readonly results: readonly Result[] }

interface UsageOptions {
  readonly by: readonly Group[]
  /** Seconds. */
  readonly since: number
  readonly csv?: boolean
  readonly json?: boolean
}

const base = '/v1/organization'
const tokenGroups: Readonly<Record<Group, string>> = { project: 'project_id', key: 'api_key_id', model: 'model' }
const costGroups: Readonly<Record<Group, string>> = { ...tokenGroups, model: 'line_item' }

/** `tollgate usage`: requests, tokens and money. */
export function addUsage (program: Command): void {
  program.command('usage')
    .description('requests, tokens and cost')
    .addOption(new Option('--by <groups>', 'project, key, model, or several with commas').argParser(groups).default(['project', 'model'], 'project,model'))
    .addOption(new Option('--since <duration>', 'how far back, in whole days of UTC').argParser(seconds).default(30 * 86_400, '30d'))
    .option('--csv', 'as CSV')
    .option('--json', 'as JSON')
    .action(usage)
}

async function usage ({ by, since, csv, json }: UsageOptions): Promise<void> {
  const rows = rowsOf(await total(adminClient(), by, startOfDay(Date.now() / 1000 - since)), by)
  if (json === true) printJson(rows)
  else process.stdout.write(csv === true ? printCsv(rows) : printTable(rows))
}

/** Tokens and money come from three places of the API. */
async function total (client: AdminClient, by: readonly Group[], start: number): Promise<Totals> {
  const totals = newTotals()
  const query = (names: Readonly<Record<Group, string>>): Query => ({ start_time: start, bucket_width: '1d', limit: 31, group_by: by.map(group => names[group]).join(',') })
  for (const endpoint of ['completions', 'embeddings']) {
    const buckets = await client.buckets<Bucket<UsageResult>>(`${base}/usage/${endpoint}`, query(tokenGroups))
    for (const result of buckets.flatMap(({ results }) => results)) addTokens(totals, result)
  }
  const costs = await client.buckets<Bucket<CostResult>>(`${base}/costs`, query(costGroups))
  for (const result of costs.flatMap(({ results }) => results)) addCosts(totals, result)
  return totals
}

/** The API counts by days: a part of one would be shown as if it were whole. */
function startOfDay (unixSeconds: number): number {
  return Math.floor(unixSeconds / 86_400) * 86_400
}

function groups (written: string): Group[] {
  const names = written.split(',').map(name => name.trim())
  if (names.every(isGroup)) return [...new Set(names)]
  throw new InvalidArgumentError('must be project, key, model, or several with commas')
}

function isGroup (name: string): name is Group {
  return Object.hasOwn(tokenGroups, name)
}
