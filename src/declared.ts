import type { Config } from './config/schema.ts'
import type { Actor, Declared, DeclaredChange, Directory, NewKey, NewProject, RateLimit, SpendLimit } from './stores/directory.ts'

type Team = Config['projects'][string]
type Application = Team['applications'][string]
type Key = Application['keys'][number]
type Limits = Team['limits']

const nanoUsdPerUsd = 1e9

const configuration: Actor = { type: 'configuration', id: null, address: null }

/** Makes the directory's objects what the configuration declares: all of them, or none. */
export function declare (directory: Pick<Directory, 'declared'>, config: Config): Promise<readonly DeclaredChange[]> {
  return directory.declared.apply(declaredOf(config), configuration)
}

/** The directory's objects that a configuration declares. */
export function declaredOf ({ organization, projects }: Config): Declared {
  const teams = Object.values(projects)
  const spendLimit = spendLimitOf(organization)
  const applications = teams.flatMap(team => Object.entries(team.applications).map(([name, application]) => ({ name, application, team })))
  return {
    organization: spendLimit === null ? null : { spendLimit },
    projects: teams.map(projectOf),
    serviceAccounts: applications.map(({ name, application, team }) => ({ id: application.id, projectId: team.id, name })),
    keys: applications.flatMap(({ application, team }) => application.keys.map(key => keyOf(key, application, team)))
  }
}

function projectOf (team: Team): NewProject {
  return {
    id: team.id,
    name: team.name,
    rateLimits: rateLimitsOf(team.limits),
    models: modelsOf(team),
    spendLimit: spendLimitOf(team),
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
    expiresAt: null
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
  return usd === undefined ? null : { amountNanoUsd: Math.round(usd * nanoUsdPerUsd), shadow }
}
