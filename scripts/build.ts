/**
 * `npm run build [-- <folder> [<option of tsc>…]]`: compiles src/ and plugins/ to JavaScript in dist/, for the image and the package, and copies what is read
 * at run time beside them: SQL, Lua, pages.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync, statSync } from 'node:fs'

const [target = 'dist', ...options] = process.argv.slice(2)

rmSync(target, { recursive: true, force: true })
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', target, ...options], { stdio: 'inherit' })
if (status !== 0) process.exit(1)
for (const folder of ['src', 'plugins']) cpSync(folder, `${target}/${folder}`, { recursive: true, filter: isAsset })

function isAsset (path: string): boolean {
  return statSync(path).isDirectory() || !path.endsWith('.ts')
}
