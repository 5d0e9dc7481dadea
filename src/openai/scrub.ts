const MAX_CHARACTERS = 1000

/** What an upstream's sentence must not carry to a tenant: keys, account ids, links (its billing page), addresses, hosts. */
const secrets: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bhttps?:\/\/[^\s"'<>)]+/gi, '[link]'],
  [/\b[\w.+-]+@[\w-]+\.[\w.-]+\b/g, '[address]'],
  [/\bbearer\s+[^\s"',;]+/gi, 'Bearer [key]'],
  [/\b(?:sk|pk|rk)-[\w*.-]{5,}[\w*-]/g, '[key]'],
  [/\b(?:org|proj|user)[-_][A-Za-z0-9]{8,}/g, '[account]'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, '[host]'],
  [/\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|ai|dev|app|cloud|internal|local|svc)\b(?::\d+)?(?:\/[^\s"'<>)]*)?/gi, '[host]']
]

/** An upstream's sentence as a tenant may read it, at most 1,000 characters. */
export function scrub (message: string): string {
  const cut = message.length > MAX_CHARACTERS ? `${message.slice(0, MAX_CHARACTERS)}…` : message
  return secrets.reduce((text, [pattern, instead]) => text.replace(pattern, instead), cut.toWellFormed()).trim()
}
