/**
 * Writes docs/configuration.md from the statement of the settings.
 * With `--check` it writes nothing, and exits with 1 when the file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { isNecessary } from '../src/config/decode.ts'
import { nameOfType, printBound } from '../src/config/read.ts'
import { configSetting } from '../src/config/schema.ts'
import type { Setting } from '../src/config/setting.ts'

const target = new URL('../docs/configuration.md', import.meta.url)

const introduction = `# Configuration

<!-- Written by \`npm run docs\` from src/config/schema.ts. Change that file, not this one. -->

Tollgate runs without any configuration: with \`AIMLAPI_API_KEY\` set it serves AIMLAPI's models, without it the built-in offline provider.

**Where settings come from.** A YAML file (\`--config\`, else \`TOLLGATE_CONFIG\`, else \`./tollgate.yaml\` if it exists), and the environment.
Where both state a setting, the environment wins. A variable that is set but empty counts as absent, except \`TOLLGATE_PEPPER\`, which is refused.
[tollgate.example.yaml](../tollgate.example.yaml) shows a whole file.

**When something is wrong,** nothing starts: every fault is told at once, with its line and column. \`tollgate check\` tells them without a start,
and prints the settings in effect, without secrets.

\`\`\`
tollgate.yaml:10:5 models.gpt: unknown key "modle" (did you mean "model"?)
env TOLLGATE_LISTEN: must be host:port such as 127.0.0.1:8080 or [::1]:8080, not "8080"
\`\`\`

**While it runs,** the file is read again when it changes (an editor's rename and a ConfigMap's symlinks are seen), and on SIGHUP. A new file is checked whole.
Teams, applications, keys, \`models\`, \`default_upstream\` and \`prices\` are taken over at once, together; a request that is under way keeps what it came with. Other settings
are named in the log as \`needs_restart\`, and so are new upstreams: a model that refers to one fails the reload. When a file is at fault or gone, or the store is away, the old
configuration stays: the log says why, and \`tollgate_config_reloads_total{result="failed"}\` counts it. What failed
because the store was away is tried again every other second until it succeeds. \`tollgate check --diff\` shows what a file would change in the store.

**How values are written.**

| type | written |
|---|---|
| duration | a whole number and a unit, \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`: \`250ms\`, \`15m\` |
| size | a whole number and a unit, \`B\`, \`KB\`, \`MB\`, \`GB\` (powers of 1000) or \`KiB\`, \`MiB\`, \`GiB\` (powers of 1024): \`20MiB\` |
| address | \`host:port\`, IPv6 in brackets: \`[::1]:8080\`; port 0 takes any free port |
| secret | the secret itself, or better a reference: \`\${VARIABLE}\`, also inside other text, or \`file:/run/secrets/name\`. The stores' URLs take references too |
| base URL | where the provider's API begins. Angle brackets, a trailing slash and a doubled \`/v1\` are forgiven; a URL without a path gets \`/v1\` |

Relative paths start at the working directory. A key without a value counts as absent.

**Which upstream serves a request.** The request's model is looked up in \`models\`: first by its name, then by the longest pattern (\`openai/*\`). Where nothing matches,
the id goes to \`default_upstream\` as it is.

**The default upstream.** When the file names no upstream, the environment makes one: \`aimlapi\`, at \`AIMLAPI_BASE_URL\` (default \`https://api.aimlapi.com/v1\`) with the key
\`AIMLAPI_API_KEY\`; without a key, \`demo\`. When the file does name upstreams, these two variables mean nothing unless the file refers to them.
`

interface Row {
  readonly name: string
  readonly setting: Setting
  readonly necessary: boolean
}

/** The headings are the settings with members; each heading's table has the rest. */
function sections (name: string, setting: Setting): string[] {
  const rows = Object.entries(setting.properties ?? {}).map(([member, property]) => ({ name: name === '' ? member : `${name}.${member}`, setting: property, necessary: isNecessary(setting, member) }))
  const nested = rows.flatMap((row) => {
    const [suffix, inner] = insideOf(row.setting)
    return inner === undefined ? [] : sections(row.name + suffix, inner)
  })
  const heading = name === '' ? '## At the top' : `## \`${name}\``
  return [`${heading}\n\n${table(rows.filter(({ setting }) => setting.properties === undefined))}`, ...nested]
}

/** The members of a section, of each entry of a map, or of each item of a list. */
function insideOf (setting: Setting): [suffix: string, inner: Setting | undefined] {
  const [entry] = Object.values(setting.patternProperties ?? {})
  if (setting.properties !== undefined) return ['', setting]
  if (entry?.properties !== undefined) return ['.<name>', entry]
  if (setting.items?.properties !== undefined) return ['[]', setting.items]
  return ['', undefined]
}

/** Columns in which nothing stands are left out. */
function table (rows: readonly Row[]): string {
  const lines = rows.map(({ name, setting, necessary }) => [
    `\`${name}\``,
    typeOf(setting),
    necessary ? 'required' : defaultOf(setting),
    boundsOf(setting),
    meaningOf(setting),
    setting.env === undefined ? '' : `\`${setting.env}\``
  ])
  const head = ['setting', 'type', 'default', 'bounds', 'meaning', 'environment']
  const wanted = head.map((_, column) => lines.some((cells) => cells[column] !== ''))
  return [head, head.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.filter((_, column) => wanted[column]).join(' | ')} |`)
    .join('\n')
}

const notations: Readonly<Record<string, string>> = {
  cidr: 'address or CIDR block',
  workers: 'a whole number, or `auto`',
  time_zone: 'time zone',
  store: 'store URL',
  base_url: 'base URL',
  pepper: 'secret',
  upstream_key: 'secret',
  header: 'secret',
  gateway_key: 'secret'
}

function typeOf (setting: Setting): string {
  const [entry] = Object.values(setting.patternProperties ?? {})
  if (setting.items !== undefined) return `list of ${setting.items.properties === undefined ? typeOf(setting.items) : 'maps'}`
  if (entry !== undefined) return `map of names to ${entry.properties === undefined ? typeOf(entry) : 'maps'}`
  if (setting.enum !== undefined) return setting.enum.map((value) => `\`${value}\``).join(', ')
  if (setting.notation !== undefined) return notations[setting.notation] ?? setting.notation
  return nameOfType(setting)
}

function defaultOf (setting: Setting): string {
  if (setting.derived !== undefined) return setting.derived
  if (setting.default === undefined) return '–'
  return `\`${typeof setting.default === 'object' ? JSON.stringify(setting.default) : setting.default}\``
}

function boundsOf (setting: Setting): string {
  const { minimum, maximum, minLength } = setting
  if (minLength !== undefined && minLength > 1) return `${minLength} characters or more`
  if (minimum === undefined) return ''
  return maximum === undefined ? `${printBound(setting, minimum)} or more` : `${printBound(setting, minimum)} to ${printBound(setting, maximum)}`
}

const meaningOf = ({ description = '', allowed }: Setting): string => allowed === undefined ? description : `${description} Names: ${allowed}.`

const text = [introduction, ...sections('', configSetting)].join('\n\n').replace(/\n{3,}/g, '\n\n') + '\n'

if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/configuration.md is stale: npm run docs')
  process.exitCode = 1
}
