#!/usr/bin/env node
import { Command } from 'commander'
import { addAnswers } from './cli/answers.ts'
import { addAudit } from './cli/audit.ts'
import { CommandError } from './cli/command-error.ts'
import { addCompletion } from './cli/completion.ts'
import { exitWith } from './cli/exit.ts'
import { addExplain } from './cli/explain.ts'
import { addInit } from './cli/init.ts'
import { addKeys } from './cli/keys.ts'
import { addLedger } from './cli/ledger.ts'
import { addLimits } from './cli/limits.ts'
import { addProjects } from './cli/projects.ts'
import { addTail } from './cli/tail.ts'
import { addUsage } from './cli/usage.ts'
import { ConfigError } from './config/fault.ts'
import { version } from './version.ts'

const program = new Command('tollgate')
  .description('Self-hosted, OpenAI-compatible gateway')
  .version(version)
  .showSuggestionAfterError()

// The gateway itself is loaded only where it runs: a command of the admin API starts in a fraction of the time.
program.command('serve')
  .description('serve the gateway')
  .option('-c, --config <file>', 'configuration file (default: tollgate.yaml, if it exists)')
  .option('-w, --workers <count>', 'processes, or auto for one a core (default: the setting `workers`)')
  .action(async options => { await (await import('./cli/serve.ts')).serve(options) })

program.command('check')
  .description('read the configuration and name every fault')
  .option('-c, --config <file>', 'configuration file')
  .option('--diff', 'show what the file would change in the store: teams, applications, keys')
  .action(async options => { await (await import('./cli/check.ts')).check(options) })

program.command('healthcheck')
  .description('ask a running gateway whether it is ready; the exit code says')
  .option('-c, --config <file>', 'configuration file')
  .action(async options => { await (await import('./cli/healthcheck.ts')).healthcheck(options) })

program.command('doctor')
  .description('look at everything a start depends on; one line each, with what to do')
  .option('-c, --config <file>', 'configuration file')
  .option('--json', 'as JSON')
  .action(async options => { await (await import('./cli/doctor.ts')).doctor(options) })

addInit(program)
addProjects(program)
addKeys(program)
addLimits(program)
addUsage(program)
addExplain(program)
addAudit(program)
addTail(program)
addAnswers(program)
addLedger(program)
addCompletion(program)

await program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommandError || error instanceof ConfigError) exitWith(error.message)
  throw error
})
