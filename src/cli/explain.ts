import type { Command } from 'commander'
import { adminClient } from './admin-client.ts'
import { explanation } from './explanation.ts'
import type { ExplainedRequest } from './explanation.ts'
import { printJson } from './print.ts'
import type { PrintOptions } from './print.ts'

/** `tollgate explain`: what became of a request, and why. */
export function addExplain (program: Command): void {
  program.command('explain <request-id>')
    .description('what became of a request: the limit that refused it, or what it used and cost')
    .option('--json', 'as JSON')
    .action(explain)
}

async function explain (requestId: string, { json }: PrintOptions): Promise<void> {
  const request = await adminClient().get<ExplainedRequest>(`/v1/tollgate/requests/${encodeURIComponent(requestId)}`)
  if (json === true) printJson(request)
  else process.stdout.write(explanation(request))
}
