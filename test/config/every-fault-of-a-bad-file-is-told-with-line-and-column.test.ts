import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { ConfigError, loadConfig } from '../../src/config/load.ts'

/** Each file of test/config/bad ends with the faults it is expected to have: `# fault 10:5 models.gpt: unknown key …`. */
const folder = new URL('./bad/', import.meta.url)
const env = { PRESENT: 'sk-hunter2', EMPTY: '' }

for (const file of readdirSync(folder)) {
  test(file, async (t) => {
    const error = await faultsOf(file)
    t.same(error.faults, expectedIn(file))
    t.ok(error.faults.length > 0)
    t.notMatch(error.message, /hunter2/, 'no secret is repeated')
  })
}

async function faultsOf (file: string): Promise<ConfigError> {
  try {
    await loadConfig({ env, file, cwd: folder.pathname })
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  return new ConfigError([])
}

function expectedIn (file: string): string[] {
  const lines = readFileSync(new URL(file, folder), 'utf8').split('\n')
  return lines.filter((line) => line.startsWith('# fault ')).map((line) => line.replace('# fault ', `${file}:`))
}
