import Type from 'typebox'
import { integer, number, text } from './setting.ts'

/** What a configuration file may declare beside settings: teams, their applications and keys, and prices. */

const closed = { additionalProperties: false } as const
/** Becomes part of ids. */
const word = { pattern: '^[A-Za-z0-9_.-]{1,64}$', allowed: 'letters, digits and . _ -, at most 64' }
const model = { pattern: '^.{1,256}$', allowed: 'at most 256 characters' }
const day = { pattern: '^\\d{4}-\\d{2}-\\d{2}$', allowed: 'YYYY-MM-DD' }

const count = (description: string) => Type.Optional(integer({ description, minimum: 0, maximum: 2 ** 31 - 2 }))
const name = (description: string, derived: string) => Type.String({ description, derived, minLength: 1, maxLength: 256 })

/** 9 million dollars, in nano-USD still an exact number with room for sums. */
const spend = {
  spend_usd_per_month: Type.Optional(number({ description: 'What a calendar month may cost, US dollars.', minimum: 0, maximum: 9_000_000 })),
  spend_shadow: Type.Boolean({ description: 'The spend limit counts and reports, and never refuses.', default: false })
}

const SpendAlert = Type.Object({
  usd: number({ description: 'What a calendar month has to have cost, US dollars.', minimum: 0.01, maximum: 9_000_000 }),
  webhook: text('url', { description: 'What is called then, once a month; signed with the secret that the admin API shows with the alert.' })
}, closed)

const spendAlerts = Type.Record(Type.String({ pattern: word.pattern }), SpendAlert, { allowed: word.allowed, description: 'Spend alerts, by name.', default: {} })

const Limit = Type.Object({
  requests_per_minute: count('Requests a minute.'),
  tokens_per_minute: count('Tokens a minute, input and output.'),
  requests_per_day: count('Requests a day.'),
  concurrency: count('Requests at once.'),
  shadow: Type.Boolean({ description: 'The limits count and report, and never refuse.', default: false })
}, closed)

const limits = Type.Record(Type.String({ pattern: model.pattern }), Limit, {
  allowed: model.allowed,
  description: 'Limits by model. `*` stands for all models without limits of their own, which share it.',
  default: {}
})

const Key = Type.Object({
  id: Type.String({ description: 'The public part of the key. `tollgate keys new --declare` prints a key with these lines.', pattern: '^[0-9A-Za-z]{12}$', allowed: '12 letters and digits' }),
  hash: Type.String({ description: 'HMAC-SHA256 of the key under the pepper, in hexadecimal.', pattern: '^[0-9a-f]{64}$', allowed: '64 hexadecimal digits' }),
  name: name('What the key is called.', 'the application\'s name'),
  scopes: Type.Optional(Type.Array(Type.String(), { description: 'What the key may do, in OpenAI\'s words: `api.model.request`, `api.model.read`, …. Without any, everything.' })),
  expires_on: Type.Optional(Type.String({ description: 'The first day on which the key no longer works, UTC, `YYYY-MM-DD`.', ...day })),
  limits,
  ...spend
}, closed)

const Application = Type.Object({
  id: Type.String({ description: 'The service account\'s id.', derived: '`svc_acct_<project>_<name>`', ...word, maxLength: 256, pattern: '^[A-Za-z0-9_.-]{1,256}$', allowed: 'letters, digits and . _ -' }),
  keys: Type.Array(Key, { description: 'Keys of the application. More can be made through the admin API.', default: [] })
}, closed)

const Team = Type.Object({
  id: Type.String({ description: 'The project\'s id; that of a project made through the API takes it over.', derived: '`proj_<name>`', ...word, pattern: '^[A-Za-z0-9_.-]{1,128}$' }),
  name: name('What the team is called.', 'its name in the map'),
  limits,
  allowed_models: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'The only models that the team may use. Names may hold `*`.' })),
  denied_models: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'The models that the team may not use. Not together with `allowed_models`.' })),
  ...spend,
  spend_alerts: spendAlerts,
  failure_mode: Type.Optional(Type.Enum(['open', 'local', 'closed'], { description: 'What happens while the shared store is away. Without it: `closed` with a spend limit, else `local`.' })),
  answers: Type.Enum(['off', 'project', 'organization'], { description: 'Who may be given the team\'s reproducible answers.', default: 'project' }),
  applications: Type.Record(Type.String({ pattern: word.pattern }), Application, { allowed: word.allowed, description: 'The team\'s applications (service accounts), by name.', default: {} })
}, closed)

export const OrganizationSchema = Type.Object({ ...spend, spend_alerts: spendAlerts }, closed)

export const TeamsSchema = Type.Record(Type.String({ pattern: word.pattern }), Team, {
  allowed: word.allowed,
  description: 'Teams (projects), by name. What is declared here can be changed only here; what is no longer declared is archived or revoked. Read again when the file changes.',
  default: {}
})

const usd = (description: string) => number({ description: `${description}, US dollars per million tokens.`, minimum: 0, maximum: 100_000 })

export const PricesSchema = Type.Array(Type.Object({
  model: Type.String({ description: 'The model, by the name that callers use.', minLength: 1 }),
  effective_from: Type.String({ description: 'The first day of the price, UTC, `YYYY-MM-DD`. A new price is a new entry, so that a past month keeps its sums.', ...day }),
  input: usd('Input'),
  cached_input: Type.Optional(usd('Input that the provider read from its cache')),
  cache_write: Type.Optional(usd('Input that the provider wrote to its cache')),
  audio_input: Type.Optional(usd('Audio input')),
  output: usd('Output'),
  reasoning: Type.Optional(usd('Reasoning')),
  audio_output: Type.Optional(usd('Audio output'))
}, closed), { description: 'Prices that go before those which ship with Tollgate. Read again when the file changes.', default: [] })
