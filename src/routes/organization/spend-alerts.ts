import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { GatewayError } from '../../openai/errors.ts'
import type { Actor, Directory, SpendAlert } from '../../stores/directory.ts'
import { newId } from './id-schema.ts'
import { inMemoryPage } from './in-memory-page-schema.ts'
import { AfterQuery, limitOf, OrderQuery } from './page-schema.ts'
import { SpendAlertBodySchema, spendAlertObject, spendAlertOf } from './spend-alert-schema.ts'
import type { SpendAlertBody } from './spend-alert-schema.ts'

export interface SpendAlertsOptions {
  readonly directory: Directory
  readonly pepper: string
}

const AlertsQuery = Type.Object({ after: AfterQuery, before: AfterQuery, limit: limitOf(20), order: OrderQuery('asc') }, { additionalProperties: false })

type Change = (now: readonly SpendAlert[]) => readonly SpendAlert[]

/** Whose alerts: a project's, or the organization's. */
interface Home {
  readonly base: string
  readonly object: 'project.spend_alert' | 'organization.spend_alert'
  alerts (projectId: string): Promise<readonly SpendAlert[]>
  change (projectId: string, change: Change, actor: Actor): Promise<unknown>
}

/** The organization's paths have no project, and nobody reads it there. */
interface InHome { readonly Params: { readonly project: string } }
interface OfAlert { readonly Params: InHome['Params'] & { readonly alert: string } }

/** `…/spend_alerts`: webhooks that are called when a month has cost a team, or all teams together, so much. */
export default async function spendAlerts (app: FastifyInstance, { directory, pepper }: SpendAlertsOptions): Promise<void> {
  for (const home of homesOf(directory)) registerHome(app, home, pepper)
}

function registerHome (app: FastifyInstance, { base, object, alerts, change }: Home, pepper: string): void {
  const shown = (alert: SpendAlert) => spendAlertObject(object, alert, pepper)

  app.get<InHome & { Querystring: Static<typeof AlertsQuery> }>(base, { schema: { querystring: AlertsQuery } }, async ({ params, query }) => {
    const all = (await alerts(params.project)).map(shown)
    return inMemoryPage(query.order === 'asc' ? all : all.reverse(), query)
  })

  app.post<InHome & { Body: SpendAlertBody }>(base, { schema: { body: SpendAlertBodySchema } }, async ({ params, body, actor }) => {
    const alert = spendAlertOf(newId('alert_'), body)
    await change(params.project, now => [...now, alert], actor)
    return shown(alert)
  })

  app.get<OfAlert>(`${base}/:alert`, async ({ params }) => shown(existing(await alerts(params.project), params.alert)))

  app.post<OfAlert & { Body: SpendAlertBody }>(`${base}/:alert`, { schema: { body: SpendAlertBodySchema } }, async ({ params, body, actor }) => {
    const alert = spendAlertOf(params.alert, body)
    await change(params.project, now => {
      existing(now, alert.id)
      return now.map(other => other.id === alert.id ? alert : other)
    }, actor)
    return shown(alert)
  })

  app.delete<OfAlert>(`${base}/:alert`, async ({ params, actor }) => {
    await change(params.project, now => {
      existing(now, params.alert)
      return now.filter(({ id }) => id !== params.alert)
    }, actor)
    return { object: `${object}.deleted` as const, id: params.alert, deleted: true }
  })
}

function homesOf (directory: Directory): Home[] {
  return [{
    base: '/v1/organization/projects/:project/spend_alerts',
    object: 'project.spend_alert',
    alerts: async id => {
      const project = await directory.projects.get(id)
      if (project === null) throw new GatewayError('not_found', { message: `There is no project "${id}".` })
      return project.spendAlerts
    },
    change: async (id, change, actor) => await directory.projects.update(id, now => ({ spendAlerts: change(now.spendAlerts) }), actor)
  }, {
    base: '/v1/organization/spend_alerts',
    object: 'organization.spend_alert',
    alerts: async () => (await directory.organization.get()).spendAlerts,
    change: async (_id, change, actor) => await directory.organization.update(now => ({ spendAlerts: change(now.spendAlerts) }), actor)
  }]
}

function existing (alerts: readonly SpendAlert[], id: string): SpendAlert {
  const alert = alerts.find(alert => alert.id === id)
  if (alert === undefined) throw new GatewayError('not_found', { message: `There is no spend alert "${id}".` })
  return alert
}
