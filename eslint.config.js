import neostandard, { plugins, resolveIgnoresFromGitignore } from 'neostandard'

/**
 * Standard style, and who may import whom (docs/architecture.md, "Who may import whom").
 * `test/layers.test.ts` proves that each rule bites.
 */

const pureBuiltins = ['node:crypto', 'node:buffer', 'node:zlib']
const framework = ['fastify', 'fastify-plugin', '@fastify/.*']
const storeClients = ['ioredis', 'node:sqlite']
const pureFolders = ['collections', 'openai', 'keys', 'metering', 'answers']

/** Each folder: the folders of src/ it may reach out to, and the packages it may use or must not. */
const layers = [
  { folder: 'src/collections', folders: [], only: [], pure: true },
  { folder: 'src/openai', folders: [], only: pureBuiltins, pure: true },
  { folder: 'src/keys', folders: ['openai'], only: pureBuiltins, pure: true },
  { folder: 'src/metering', folders: ['collections', 'openai', 'keys'], only: [...pureBuiltins, 'gpt-tokenizer(/.*)?'], pure: true },
  { folder: 'src/answers', folders: ['openai', 'keys', 'metering'], only: pureBuiltins, pure: true },
  { folder: 'src/config', folders: pureFolders, never: [...framework, ...storeClients, 'undici'] },
  { folder: 'src/stores', folders: [...pureFolders, 'config'], never: [...framework, 'undici'] },
  { folder: 'src/upstream', folders: [...pureFolders, 'config'], never: [...framework, ...storeClients], entries: ['src/upstream/demo/main.ts'] },
  { folder: 'src/telemetry', folders: [...pureFolders, 'config', 'upstream'], never: [...framework, ...storeClients, 'undici'], watches: true },
  { folder: 'src/routes', folders: [...pureFolders, 'config', 'stores', 'upstream', 'telemetry'], never: [...storeClients, 'undici'], link: true },
  { folder: 'plugins', folders: [...pureFolders, 'config', 'stores', 'upstream', 'telemetry'].map((name) => `src/${name}`), never: [...storeClients, 'undici'], link: true }
]

/** Files at the top of src/ by what they are for. */
const entries = ['src/server.ts', 'src/opened-stores.ts', 'src/reproducible.ts', 'src/cluster/*.ts', 'src/cli.ts', 'src/cli/**/*.ts']
const assemblies = ['src/app.ts', 'src/operator.ts']

const linksImported = { regex: '/(plugins|routes)/', message: 'Only app.ts and operator.ts import plugins and routes.' }
const storesOpened = { regex: '/stores/(sqlite/|redis/|open\\.ts$)', message: 'Only server.ts, src/cluster and the command line open stores; take the interface.' }
const driversImported = { regex: `^(${[...storeClients, 'undici'].join('|')})$`, message: 'Stores and upstream have their own folders.' }
const upstreamMade = { regex: '/upstream/', message: 'Only types of the upstream: it is reached through its decorator.', allowTypeImports: true }
const linkToLink = { regex: '^(\\./|\\.\\./(?=[^/]+$))(?!([^/]*-)?schemas?\\.ts$)', message: 'Links meet through decorators, never by import; only schemas are shared.' }

const environment = ['env', 'on', 'once', 'exit', 'kill'].map((property) => ({
  object: 'process', property, message: 'Only server.ts, src/cluster and the command line read the environment and take signals.'
}))
const processImport = { regex: '^(node:)?process$', message: 'Use the global, so that the rules see it.' }

const clocks = ['process', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'console']
  .map((name) => ({ name, message: 'This folder is pure: take the value as an argument.' }))
const clockProperties = [{ object: 'Date', property: 'now', message: 'This folder is pure: take the time as an argument.' }]
const clockSyntax = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'This folder is pure: take the time as an argument.' },
  { selector: 'CallExpression[callee.name="Date"]', message: 'This folder is pure: take the time as an argument.' }
]
const noDynamicImport = { selector: 'ImportExpression', message: 'A dynamic import would slip past the layers.' }

const imports = (...patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns: [...patterns, processImport] }] })

/** A path with more steps up than the file is deep leaves the folder: only the named folders may be its goal. */
function leavesFolder ({ folder, folders }, depth) {
  const up = '\\.\\./'.repeat(depth)
  return { regex: `^(\\./)?${up}(?!(${folders.join('|') || '$'})/)`, message: `${folder} may reach only ${folders.join(', ') || 'itself'}.` }
}

function packagesOf ({ folder, only, never }) {
  if (only !== undefined) return { regex: `^(?!\\.|(${only.join('|')})$)`, message: `${folder} uses only ${only.join(', ')}.` }
  return { regex: `^(${never.join('|')})$`, message: `${folder} does not know this package.` }
}

function rulesOf (layer, depth) {
  const ofLinks = layer.link ? [storesOpened, upstreamMade, linkToLink, linksImported] : [...(layer.watches ? [upstreamMade] : []), linksImported]
  return {
    ...imports(leavesFolder(layer, depth), packagesOf(layer), ...ofLinks),
    'no-restricted-properties': ['error', ...environment, ...(layer.pure ? clockProperties : [])],
    'no-restricted-globals': ['error', ...(layer.pure ? clocks : [])],
    'no-restricted-syntax': ['error', ...(layer.pure ? clockSyntax : []), ...(layer.pure || layer.link ? [noDynamicImport] : [])]
  }
}

const deepest = 3
const folderRules = layers.flatMap((layer) => Array.from({ length: deepest }, (_, index) => ({
  name: `tollgate/${layer.folder}, ${index + 1} deep`,
  files: [`${layer.folder}/${'*/'.repeat(index)}*.ts`],
  ignores: layer.entries ?? [],
  rules: rulesOf(layer, index + 1)
})))

export default [
  // Fixtures are other people's bytes.
  ...neostandard({ ts: true, ignores: [...resolveIgnoresFromGitignore(), 'test/fixtures/**'] }),
  {
    name: 'tollgate/types',
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': plugins['typescript-eslint'].plugin },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error'
    }
  },
  {
    name: 'tollgate/style',
    rules: {
      // `void promise` says that nobody waits for it.
      'no-void': ['error', { allowAsStatement: true }],
      // What a reader of wire formats looks for.
      'no-control-regex': 'off'
    }
  },
  {
    name: 'tollgate/configuration',
    files: ['src/config/*.ts', 'test/config/*.ts', 'scripts/configuration-docs.ts'],
    // `${VARIABLE}` is how the configuration file refers to secrets.
    rules: { 'no-template-curly-in-string': 'off' }
  },
  ...folderRules,
  {
    name: 'tollgate/assembly',
    files: ['src/*.ts'],
    ignores: entries,
    rules: { ...imports(storesOpened, driversImported, linksImported), 'no-restricted-properties': ['error', ...environment] }
  },
  {
    name: 'tollgate/app and operator',
    files: assemblies,
    rules: imports(storesOpened, driversImported)
  },
  {
    name: 'tollgate/entries',
    files: entries,
    rules: imports(linksImported)
  }
]
