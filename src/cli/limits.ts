import type { Command } from 'commander'
import { adminClient } from './admin-client.ts'
import { centsOrNone, countOrNone } from './arguments.ts'
import { CommandError } from './command-error.ts'
import { projectPath } from './lookup.ts'
import { printList } from './print.ts'
import type { PrintOptions } from './print.ts'
import type { Row } from './table.ts'

interface RateLimitObject {
  readonly model: string
  readonly max_requests_per_1_minute: number
  readonly max_tokens_per_1_minute: number
  readonly max_requests_per_1_day?: number
  readonly max_concurrent_requests: number | null
  readonly shadow: boolean
}

/** What is left out stays. */
interface SetOptions {
  readonly project: string
  readonly model: string
  readonly rpm?: number | 'none'
  readonly tpm?: number | 'none'
  readonly rpd?: number | 'none'
  readonly concurrency?: number | 'none'
  readonly shadow?: boolean
}

/** Stands for "no limit" in the admin API. */
const unlimited = 2 ** 31 - 1
const project = ['-p, --project <project>', 'the team, by name or id', 'default'] as const

/** `tollgate limits`: what a team may use, and spend. */
export function addLimits (program: Command): void {
  const limits = program.command('limits').description('what a team may use and spend')
  limits.command('list')
    .description('list a team\'s limits; the model * stands for all without limits of their own')
    .option(...project)
    .option('--json', 'as JSON')
    .action(list)
  limits.command('set')
    .description('set limits for a model; none takes one away')
    .option(...project)
    .option('-m, --model <model>', 'the model', '*')
    .option('--rpm <count>', 'requests a minute', countOrNone)
    .option('--tpm <count>', 'tokens a minute', countOrNone)
    .option('--rpd <count>', 'requests a day', countOrNone)
    .option('--concurrency <count>', 'requests at once', countOrNone)
    .option('--shadow', 'count and report, never refuse')
    .option('--no-shadow', 'refuse')
    .action(set)
  limits.command('spend')
    .description('set what a calendar month may cost, US dollars; none takes the limit away')
    .argument('<usd>', 'US dollars such as 250 or 99.50, or none', centsOrNone)
    .option(...project)
    .option('--organization', 'all teams together')
    .option('--shadow', 'count and report, never refuse')
    .action(spend)
}

async function list ({ project, ...options }: PrintOptions & { readonly project: string }): Promise<void> {
  const client = adminClient()
  printList(await client.list<RateLimitObject>(`${await projectPath(client, project)}/rate_limits`), options, rowOf)
}

async function set ({ project, model, rpm, tpm, rpd, concurrency, shadow }: SetOptions): Promise<void> {
  const body = {
    ...setting('max_requests_per_1_minute', rpm),
    ...setting('max_tokens_per_1_minute', tpm),
    ...setting('max_requests_per_1_day', rpd),
    ...setting('max_concurrent_requests', concurrency),
    ...(shadow !== undefined && { shadow })
  }
  if (Object.keys(body).length === 0) throw new CommandError('nothing to set. Give --rpm, --tpm, --rpd, --concurrency or --shadow')
  const client = adminClient()
  const limit = await client.post<RateLimitObject>(`${await projectPath(client, project)}/rate_limits/rl-${encodeURIComponent(model)}`, body)
  printList([limit], {}, rowOf)
}

function setting (name: string, value: number | 'none' | undefined): Readonly<Record<string, number | null>> {
  return value === undefined ? {} : { [name]: value === 'none' ? null : value }
}

/** @param cents null: no limit */
async function spend (cents: number | null, { project, organization, shadow = false }: { readonly project: string, readonly organization?: boolean, readonly shadow?: boolean }): Promise<void> {
  const client = adminClient()
  const path = `${organization === true ? '/v1/organization' : await projectPath(client, project)}/spend_limit`
  if (cents === null) await client.delete(path)
  else await client.post(path, { threshold_amount: cents, currency: 'USD', interval: 'month', shadow })
  const whose = organization === true ? 'the organization' : project
  process.stdout.write(cents === null ? `${whose} has no spend limit\n` : `${whose} may spend $${(cents / 100).toFixed(2)} a month${shadow ? ' (shadow: nothing is refused)' : ''}\n`)
}

function rowOf (limit: RateLimitObject): Row {
  return {
    model: limit.model,
    'requests/min': shown(limit.max_requests_per_1_minute),
    'tokens/min': shown(limit.max_tokens_per_1_minute),
    'requests/day': shown(limit.max_requests_per_1_day),
    concurrent: shown(limit.max_concurrent_requests),
    shadow: limit.shadow
  }
}

function shown (limit: number | null | undefined): number | null {
  return limit === undefined || limit === unlimited ? null : limit
}
