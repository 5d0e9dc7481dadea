/** The first path segments of the public API. A path that begins with one of them lacks only its `/v1`. */
const roots = new Set(['chat', 'responses', 'conversations', 'embeddings', 'models'])

/** What nearly every request asks for: no work. */
const canonical = new Set(['/v1/chat/completions', '/v1/responses', '/v1/embeddings', '/v1/models'])

/**
 * The path that a request means, however the base URL was typed: `/x`, `/v1/v1/x` and `/v1//x` are `/v1/x`, a trailing slash is dropped, and the
 * absolute form (`GET http://host/v1/x`, RFC 9112 §3.2.2) is routed by its path alone. The query string is kept as it came.
 */
export function normaliseUrl (url: string): string {
  if (canonical.has(url)) return url
  const query = url.indexOf('?')
  const path = originForm(query < 0 ? url : url.slice(0, query))
  if (!path.startsWith('/')) return url
  const normal = withVersion(withoutTrailingSlash(withoutDoubledSlash(path)))
  return query < 0 ? normal : normal + url.slice(query)
}

function originForm (path: string): string {
  const scheme = /^https?:\/\/[^/]*/i.exec(path)
  return scheme === null ? path : path.slice(scheme[0].length) || '/'
}

/** A base URL that ends in a slash, joined with a path that begins with one: `/v1//x`, `//x`. */
function withoutDoubledSlash (path: string): string {
  return path.replace(/^\/+/, '/').replace(/^((?:\/v1)+)\/+/, '$1/')
}

function withoutTrailingSlash (path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function withVersion (path: string): string {
  let rest = path
  while (rest.startsWith('/v1/')) rest = rest.slice(3)
  const first = rest.slice(1).split('/', 1)[0] ?? ''
  if (rest === path && !roots.has(first)) return path
  return `/v1${rest}`
}
