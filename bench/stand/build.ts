import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Compiles the gateway of `source` into a folder of the stand, as image and package contain it; returns the compiled command line. */
export async function buildGateway (source: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  for (const name of ['node_modules', 'package.json']) symlinkSync(resolve(source, name), join(folder, name))
  const target = join(folder, 'dist')
  // Types are checked by `npm test`; here they would take most of the time.
  const build = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', resolve('scripts/build.ts'), target, '--noCheck'], { cwd: source, stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = await once(build, 'exit')
  if (code !== 0) throw new Error(`${source} does not compile`)
  return join(target, 'src/cli.js')
}
