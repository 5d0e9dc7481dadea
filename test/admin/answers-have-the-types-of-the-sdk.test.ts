import { test } from 'tap'
import type { UsagePage } from '../../src/metering/usage.ts'
import type { SpendAlert, SpendLimit } from '../../src/stores/directory.ts'
import { adminKeyObject } from '../../src/routes/organization/admin-key-schema.ts'
import { auditLogObject } from '../../src/routes/organization/audit-log-schema.ts'
import { costsResult } from '../../src/routes/organization/costs.ts'
import { keyObject, makeKey } from '../../src/routes/organization/key-schema.ts'
import { modelPermissionsObject } from '../../src/routes/organization/model-permissions.ts'
import { projectObject } from '../../src/routes/organization/project-schema.ts'
import { rateLimitObject } from '../../src/routes/organization/rate-limit-schema.ts'
import { serviceAccountObject } from '../../src/routes/organization/service-account-schema.ts'
import { spendAlertObject } from '../../src/routes/organization/spend-alert-schema.ts'
import { spendLimitObject } from '../../src/routes/organization/spend-limit-schema.ts'
import { bucketsOf } from '../../src/routes/organization/usage-schema.ts'
import { completionsResult, embeddingsResult } from '../../src/routes/organization/usage.ts'
import type {
  AdminAPIKey, APIKeyCreateResponse, AuditLogListResponse, OrganizationSpendAlert, OrganizationSpendLimit, Project, ProjectAPIKey, ProjectModelPermissions,
  ProjectRateLimit, ProjectServiceAccount, ProjectSpendAlert, ProjectSpendLimit, UsageCompletionsResponse, UsageCostsResponse, UsageEmbeddingsResponse
} from '../clients/admin-types.ts'

/** Each line compiles only as long as what the gateway answers is what the SDK expects: `npm run types` is the test. */
const answers = {
  project: projectObject satisfies Answers<Project>,
  serviceAccount: serviceAccountObject satisfies Answers<ProjectServiceAccount>,
  key: keyObject satisfies Answers<ProjectAPIKey>,
  newKey: makeKey satisfies Answers<Promise<APIKeyCreateResponse>>,
  adminKey: adminKeyObject satisfies Answers<AdminAPIKey>,
  rateLimit: rateLimitObject satisfies Answers<ProjectRateLimit>,
  modelPermissions: modelPermissionsObject satisfies Answers<ProjectModelPermissions>,
  spendLimit: ((limit: SpendLimit) => spendLimitObject('project.spend_limit', limit)) satisfies Answers<ProjectSpendLimit>,
  organizationSpendLimit: ((limit: SpendLimit) => spendLimitObject('organization.spend_limit', limit)) satisfies Answers<OrganizationSpendLimit>,
  // The gateway's alerts call webhooks, which OpenAI does not have.
  spendAlert: ((alert: SpendAlert) => spendAlertObject('project.spend_alert', alert, '')) satisfies Answers<Omit<ProjectSpendAlert, 'notification_channel'>>,
  organizationSpendAlert: ((alert: SpendAlert) => spendAlertObject('organization.spend_alert', alert, '')) satisfies Answers<Omit<OrganizationSpendAlert, 'notification_channel'>>,
  // Some events are the gateway's own.
  auditLog: auditLogObject satisfies Answers<Pick<AuditLogListResponse, 'id' | 'effective_at' | 'actor' | 'project'>>,
  completions: ((page: UsagePage) => bucketsOf(page, completionsResult)) satisfies Answers<UsageCompletionsResponse>,
  embeddings: ((page: UsagePage) => bucketsOf(page, embeddingsResult)) satisfies Answers<UsageEmbeddingsResponse>,
  costs: ((page: UsagePage) => bucketsOf(page, costsResult)) satisfies Answers<UsageCostsResponse>
}

/** Any function that answers so. */
type Answers<Shape> = (...given: never[]) => Shape

test('the types of the SDK', async t => {
  for (const [name, answer] of Object.entries(answers)) t.type(answer, 'function', name)
})
