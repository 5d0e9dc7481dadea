/** What a key may be restricted to, in OpenAI's words. A key without scopes may do everything. */
export const allScopes = ['api.all', 'api.all.read', 'api.model.read', 'api.model.request', 'api.responses.read', 'api.responses.write'] as const
export type Scope = typeof allScopes[number]

/** What a request does: looks at what is there, asks a model, or changes stored responses. */
export type Deed = 'models.read' | 'model.request' | 'responses.read' | 'responses.write'

const sufficient: Readonly<Record<Deed, readonly string[]>> = {
  'models.read': ['api.all', 'api.all.read', 'api.model.read', 'api.model.request'],
  'model.request': ['api.all', 'api.model.request'],
  'responses.read': ['api.all', 'api.all.read', 'api.responses.read', 'api.responses.write'],
  'responses.write': ['api.all', 'api.responses.write']
}

/** Null when the scopes allow the deed, else those of which one would. */
export function missingScopes (scopes: readonly string[] | null, deed: Deed): readonly string[] | null {
  if (scopes === null || sufficient[deed].some(scope => scopes.includes(scope))) return null
  return sufficient[deed]
}
