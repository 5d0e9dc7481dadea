import type { Config } from './config/schema.ts'
import { nanoUsdOf } from './metering/money.ts'
import type { Actor, Declared, DeclaredChange, Directory, NewKey, NewProject, RateLimit, SpendAlert, SpendLimit } from './stores/directory.ts'

type Team = Config['projects'][string]
type Application = Team['applications'][string]
type Key = Application['keys'][number]
type Limits = Team['limits']

const configuration: Actor = { type: 'configuration', id: null, address: null }

/** Makes the directory's objects what the configuration declares: all of them, or none. */
export function declare (directory: Pick<Directory, 'declared'>, config: Config): Promise<readonly DeclaredChange[]> {
  return directory.declared.apply(declaredOf(config), configuration)
}

/** The directory's objects that a configuration declares. */
export function declaredOf ({ organization, projects }: Config): Declared {
  const teams = Object.values(projects)
  const applications = teams.flatMap(team => Object.entries(team.applications).map(([name, application]) => ({ name, application, team })))
  return {
    organization: organizationOf(organization),
    projects: teams.map(projectOf),
    serviceAccounts: applications.map(({ name, application, team }) => ({ id: application.id, projectId: team.id, name })),
    keys: applications.flatMap(({ application, team }) => application.keys.map(key => keyOf(key, application, team)))
  }
}

/** Null: the file says nothing of it, and the admin API may. */
function organizationOf (organization: Config['organization']): Declared['organization'] {
  const spendLimit = spendLimitOf(organization)
  const spendAlerts = spendAlertsOf('organization', organization)
  return spendLimit === null && spendAlerts.length === 0 ? null : { spendLimit, spendAlerts }
}

function projectOf (team: Team): NewProject {
  return {
    id: team.id,
    name: team.name,
    rateLimits: rateLimitsOf(team.limits),
    models: modelsOf(team),
    spendLimit: spendLimitOf(team),
    spendAlerts: spendAlertsOf(team.id, team),
    settings: { failureMode: team.failure_mode ?? null, answers: team.answers }
  }
}

/** Of the key itself only its id is known: no last characters to show. */
function keyOf (key: Key, { id: serviceAccountId }: Application, { id: projectId }: Team): NewKey {
  return {
    id: key.id,
    digest: Buffer.from(key.hash, 'hex'),
    projectId,
    serviceAccountId,
    name: key.name,
    redacted: `sk-tg_${key.id.slice(0, 4)}…`,
    scopes: key.scopes === undefined || key.scopes.length === 0 ? null : key.scopes,
    rateLimits: rateLimitsOf(key.limits),
    spendLimit: spendLimitOf(key),
    expiresAt: key.expires_on === undefined ? null : Date.parse(`${key.expires_on}T00:00:00Z`) / 1000
  }
}

function rateLimitsOf (limits: Limits): RateLimit[] {
  return Object.entries(limits).map(([model, limit]) => ({
    model,
    requestsPerMinute: limit.requests_per_minute ?? null,
    tokensPerMinute: limit.tokens_per_minute ?? null,
    requestsPerDay: limit.requests_per_day ?? null,
    concurrency: limit.concurrency ?? null,
    shadow: limit.shadow
  }))
}

function modelsOf ({ allowed_models: allowed, denied_models: denied }: Team): NonNullable<NewProject['models']> | null {
  if (allowed !== undefined) return { mode: 'allow_list', modelIds: allowed }
  return denied === undefined ? null : { mode: 'deny_list', modelIds: denied }
}

interface Spend {
  readonly spend_usd_per_month?: number
  readonly spend_shadow: boolean
}

function spendLimitOf ({ spend_usd_per_month: usd, spend_shadow: shadow }: Spend): SpendLimit | null {
  return usd === undefined ? null : { amountNanoUsd: nanoUsdOf(usd), shadow }
}

/** The id follows from the name, so that an alert keeps its signing secret when its threshold changes. */
function spendAlertsOf (owner: string, { spend_alerts: alerts }: Pick<Team, 'spend_alerts'>): SpendAlert[] {
  return Object.entries(alerts).map(([name, { usd, webhook }]) => ({
    id: `alert_${owner}:${name}`,
    thresholdNanoUsd: nanoUsdOf(usd),
    webhookUrl: webhook
  }))
}
