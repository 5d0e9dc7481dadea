#!/usr/bin/env node
import { Command } from 'commander'
import { check } from './cli/check.ts'
import { healthcheck } from './cli/healthcheck.ts'
import { newKey } from './cli/keys.ts'
import { serve } from './cli/serve.ts'

const program = new Command('tollgate')
  .description('Self-hosted, OpenAI-compatible gateway')
  .version('0.1.0')
  .showSuggestionAfterError()

program.command('serve')
  .description('serve the gateway')
  .option('-c, --config <file>', 'configuration file (default: tollgate.yaml, if it exists)')
  .action(serve)

program.command('check')
  .description('read the configuration and name every fault')
  .option('-c, --config <file>', 'configuration file')
  .action(check)

program.command('healthcheck')
  .description('ask a running gateway whether it is ready; the exit code says')
  .option('-c, --config <file>', 'configuration file')
  .action(healthcheck)

program.command('keys').description('keys of projects')
  .command('new').description('print a new key for TOLLGATE_BOOTSTRAP_KEY').action(newKey)

await program.parseAsync()
