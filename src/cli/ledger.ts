import type { Command } from 'commander'

const config = ['-c, --config <file>', 'configuration file'] as const

/** `tollgate ledger`: the ledger itself, in the store that the configuration names. No gateway needs to run. */
export function addLedger (program: Command): void {
  const ledger = program.command('ledger').description('prove, export, archive and restore the ledger, in the store of the configuration')
  ledger.command('verify')
    .description('prove that rows, sums and spend agree; exit code 1 when they do not')
    .option(...config)
    .option('--archive <folder>', 'has the rows that were trimmed')
    .option('--json', 'as JSON')
    .action(async options => { await (await import('./ledger/verify.ts')).verify(options) })
  ledger.command('export')
    .argument('[file]', 'where to; without it, standard output')
    .description('write every row that there is, one a line')
    .option(...config)
    .action(async (file, options) => { await (await import('./ledger/export.ts')).exportRows(file, options) })
  ledger.command('archive')
    .argument('<folder>', 'where the files are, one a day')
    .description('write the days that are over and that the folder does not have yet')
    .option(...config)
    .option('--trim', 'drop from the store what the folder has')
    .action(async (folder, options) => { await (await import('./ledger/archive.ts')).archive(folder, options) })
  ledger.command('restore')
    .argument('<source>', 'the folder of an archive, the file of an export, or - for standard input')
    .description('put back the rows that the ledger lost, and their sums and spend')
    .option(...config)
    .action(async (source, options) => { await (await import('./ledger/restore.ts')).restore(source, options) })
  ledger.command('accept-loss')
    .description('go on with what a Redis that forgot has now: teams with a budget are let in again')
    .option(...config)
    .action(async options => { await (await import('./ledger/accept-loss.ts')).acceptLoss(options) })
}
