import type { Command } from 'commander'
import { adminClient } from './admin-client.ts'
import { count, seconds } from './arguments.ts'
import { printList, printTime } from './print.ts'
import type { PrintOptions } from './print.ts'
import type { Row } from './table.ts'

interface AuditObject {
  readonly type: string
  readonly effective_at: number
  readonly project?: { readonly id: string }
  readonly changed_by: { readonly type: string, readonly id: string | null, readonly address: string | null }
  readonly [details: string]: unknown
}

interface AuditOptions extends PrintOptions {
  /** Seconds. */
  readonly since?: number
  readonly limit: number
}

/** `tollgate audit`: who changed what. */
export function addAudit (program: Command): void {
  program.command('audit')
    .description('who changed what, the newest first')
    .option('--since <duration>', 'how far back: 7d', seconds)
    .option('--limit <count>', 'how many entries at most', count, 50)
    .option('--json', 'as JSON')
    .action(audit)
}

async function audit ({ since, limit, ...options }: AuditOptions): Promise<void> {
  const from = since === undefined ? {} : { 'effective_at[gte]': Math.floor(Date.now() / 1000) - since }
  printList(await adminClient().list<AuditObject>('/v1/organization/audit_logs', from, limit), options, rowOf)
}

function rowOf (entry: AuditObject): Row {
  const { type, effective_at: at, project, changed_by: { type: who, id, address } } = entry
  const object = entry[type] as { readonly id?: string } | undefined
  return { at: printTime(at), event: type, object: object?.id, project: project?.id, by: [who, id].filter(Boolean).join(' '), from: address }
}
