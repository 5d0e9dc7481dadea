import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { CommandError } from './command-error.ts'
import { firstFile } from './first-file.ts'

/** `tollgate init`: a first configuration file. */
export function addInit (program: Command): void {
  program.command('init')
    .description('write a commented configuration file; never over another')
    .argument('[file]', 'where', 'tollgate.yaml')
    .action(init)
}

async function init (file: string): Promise<void> {
  try {
    await writeFile(file, firstFile, { flag: 'wx' })
  } catch (error) {
    throw new CommandError(complaint(file, error), { cause: error })
  }
  process.stdout.write(`${file} is written. Next: tollgate check, tollgate doctor, tollgate serve\n`)
}

function complaint (file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  if (code === 'EEXIST') return `${file} is there already and stays as it is. Name another: tollgate init other.yaml`
  return `${file} cannot be written (${code}). Name another: tollgate init other.yaml`
}
