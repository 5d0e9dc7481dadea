import type { FastifyBaseLogger } from 'fastify'
import type { Bootstrapped } from '../../bootstrap.ts'
import type { Served } from '../../cluster/topics.ts'
import { banner } from '../banner.ts'

/** The line that scripts wait for. */
export function sayListening (logger: FastifyBaseLogger, { publicUrl, operatorUrl }: Served): void {
  logger.info({ public: publicUrl, operator: operatorUrl }, 'listening')
}

/** For people a banner; for programs the keys that the first start made, as one JSON line. Either way they are shown this once. */
export function greet (served: Served, { key, adminKey }: Bootstrapped): void {
  if (process.stdout.isTTY) process.stdout.write(banner(served, { key, adminKey }, performance.now()))
  else if (key !== null || adminKey !== null) process.stdout.write(`${JSON.stringify({ msg: 'first start', key, admin_key: adminKey })}\n`)
}
