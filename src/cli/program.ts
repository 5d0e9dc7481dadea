import { Command } from 'commander'
import { addAnswers } from './answers.ts'
import { addAudit } from './audit.ts'
import { addCompletion } from './completion.ts'
import { exitWith } from './exit.ts'
import { addExplain } from './explain.ts'
import { addInit } from './init.ts'
import { addKeys } from './keys.ts'
import { addLedger } from './ledger.ts'
import { addLimits } from './limits.ts'
import { addProjects } from './projects.ts'
import { addTail } from './tail.ts'
import { addUsage } from './usage.ts'
import { version } from '../version.ts'

const program = new Command('tollgate')
  .description('Self-hosted, OpenAI-compatible gateway')
  .version(version)
  .showSuggestionAfterError()

// `tollgate audit | head`: who reads no further has what he wanted. An export that is cut is none, and a gateway's log is its own matter.
const ownOutput = ['serve', 'tail', 'export']
program.hook('preAction', (_program, command) => {
  if (!ownOutput.includes(command.name())) process.stdout.once('error', () => process.exit())
})

// The gateway itself is loaded only where it runs: a command of the admin API starts in a fraction of the time.
program.command('serve')
  .description('serve the gateway')
  .option('-c, --config <file>', 'configuration file (default: tollgate.yaml, if it exists)')
  .option('-w, --workers <count>', 'processes, or auto for one a core (default: the setting `workers`)')
  .action(async options => { await (await import('./serve.ts')).serve(options) })

program.command('check')
  .description('read the configuration and name every fault')
  .option('-c, --config <file>', 'configuration file')
  .option('--diff', 'show what the file would change in the store: teams, applications, keys')
  .action(async options => { await (await import('./check.ts')).check(options) })

program.command('healthcheck')
  .description('ask a running gateway whether it is ready; the exit code says')
  .option('-c, --config <file>', 'configuration file')
  .action(async options => { await (await import('./healthcheck.ts')).healthcheck(options) })

program.command('doctor')
  .description('look at everything a start depends on; one line each, with what to do')
  .option('-c, --config <file>', 'configuration file')
  .option('--json', 'as JSON')
  .action(async options => { await (await import('./doctor.ts')).doctor(options) })

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

await program.parseAsync().catch(async (error: unknown) => {
  const { complaintOf } = await import('./complaint.ts')
  const complaint = complaintOf(error)
  if (complaint !== null) exitWith(complaint)
  throw error
})
