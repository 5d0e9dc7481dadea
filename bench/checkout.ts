import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The source of a commit in a temporary folder, with the packages of the working tree. */
export function checkOut (commit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-commit-'))
  process.once('exit', () => { rmSync(folder, { recursive: true, force: true }) })
  execFileSync('sh', ['-c', 'git archive "$1" | tar --extract --directory "$2"', 'sh', commit, folder])
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  return folder
}
