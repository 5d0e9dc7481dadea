import neostandard from 'neostandard'

/** Who may import whom: docs/architecture.md. `test/layers.test.ts` proves that each rule bites. */
const layers = [
  {
    name: 'pure folders: no I/O, no clock, no framework',
    files: ['src/openai/**/*.ts', 'src/metering/**/*.ts', 'src/answers/**/*.ts', 'src/keys/**/*.ts'],
    allow: ['node:crypto', 'node:buffer', 'node:zlib'],
    forbid: ['**/stores/**', '**/upstream/**', '**/config/**', '**/routes/**', '**/plugins/**'],
    packages: []
  },
  {
    name: 'stores and upstream: no framework',
    files: ['src/stores/**/*.ts', 'src/upstream/**/*.ts'],
    allow: null,
    forbid: ['fastify', 'fastify-plugin', '@fastify/*', '**/routes/**', '**/plugins/**', '**/app.ts', '**/server.ts']
  },
  {
    name: 'plugins and routes: interfaces only, never each other',
    files: ['plugins/**/*.ts', 'src/routes/**/*.ts'],
    allow: null,
    forbid: ['undici', 'ioredis', 'node:sqlite', '**/stores/sqlite/**', '**/stores/redis/**', '**/stores/open.ts', '**/plugins/**', './*', '!./*.schema.ts', '**/app.ts', '**/server.ts']
  }
]
