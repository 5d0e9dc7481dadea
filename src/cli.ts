#!/usr/bin/env node
import { enableCompileCache, findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'

// Loading is most of a start, and what was compiled once is read back by the next one: half the time. The cache lies beside the
// packages and not in a folder that others can write to, for it is code. Where it cannot be written there is none.
enableCompileCache(join(dirname(findPackageJSON(import.meta.url) ?? '.'), 'node_modules/.cache/tollgate'))

await import('./cli/program.ts')
