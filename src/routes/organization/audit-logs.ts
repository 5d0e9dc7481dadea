import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { AuditFilter, Directory } from '../../stores/directory.ts'
import { auditLogObject } from './audit-log-schema.ts'
import { AfterQuery, limitOf, listOfPage, pageOf } from './page-schema.ts'

const Seconds = Type.Optional(Type.Integer({ minimum: 0, maximum: 1e11 }))
const Names = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 100 }))

const AuditLogsQuerySchema = Type.Object({
  after: AfterQuery,
  limit: limitOf(20),
  effective_at: Type.Object({ gt: Seconds, gte: Seconds, lt: Seconds, lte: Seconds }, { additionalProperties: false, default: {} }),
  event_types: Names,
  project_ids: Names,
  actor_ids: Names,
  resource_ids: Names
}, { additionalProperties: false })
type AuditLogsQuery = Static<typeof AuditLogsQuerySchema>

/** `/v1/organization/audit_logs`: who changed what, newest first. */
export default async function auditLogs (app: FastifyInstance, { directory }: { readonly directory: Directory }): Promise<void> {
  app.get<{ Querystring: AuditLogsQuery }>('/v1/organization/audit_logs', { schema: { querystring: AuditLogsQuerySchema } }, async ({ query }) =>
    listOfPage(await directory.audit.list({ ...pageOf(query), ...filterOf(query) }), auditLogObject))
}

function filterOf ({ effective_at: at, ...query }: AuditLogsQuery): AuditFilter {
  return {
    types: query.event_types,
    projectIds: query.project_ids,
    actorIds: query.actor_ids,
    objectIds: query.resource_ids,
    from: Math.max(at.gte ?? 0, (at.gt ?? -1) + 1),
    to: Math.min(at.lte ?? Infinity, (at.lt ?? Infinity) - 1)
  }
}
