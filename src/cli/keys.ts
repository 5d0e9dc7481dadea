import { Option } from 'commander'
import type { Command } from 'commander'
import { seconds } from './arguments.ts'
import { createKey } from './keys-create.ts'
import { listKeys } from './keys-list.ts'
import { newKey } from './keys-new.ts'
import { revokeKey } from './keys-revoke.ts'
import { rotateKey } from './keys-rotate.ts'

const project = ['-p, --project <project>', 'the team, by name or id', 'default'] as const
const baseUrl = ['--base-url <url>', 'what the snippets use', 'http://127.0.0.1:8080/v1'] as const
const json = ['--json', 'as JSON'] as const

/** `tollgate keys`: keys of applications. */
export function addKeys (program: Command): void {
  const keys = program.command('keys').description('keys of applications')
  keys.command('new')
    .description('print a new key that no store knows: for TOLLGATE_BOOTSTRAP_KEY, or with --declare for the configuration file')
    .option('-c, --config <file>', 'configuration file, whose pepper --declare uses')
    .option('--declare', 'print its lines for the configuration file, too')
    .action(newKey)
  keys.command('create <application>')
    .description('make a key, and the application if it is not there; the key is shown once')
    .option(...project)
    .option('--name <name>', 'what the key is called')
    .option('--expires <duration>', 'how long it works: 90d', seconds)
    .option(...baseUrl)
    .option(...json)
    .action(createKey)
  keys.command('list')
    .description('list a team\'s keys')
    .option(...project)
    .option(...json)
    .action(listKeys)
  keys.command('rotate <key>')
    .description('make another key for the same application; the old one ends after the grace')
    .option(...project)
    .addOption(new Option('--grace <duration>', 'how long the old key still works').argParser(seconds).default(86_400, '24h'))
    .option(...baseUrl)
    .option(...json)
    .action(rotateKey)
  keys.command('revoke <key>')
    .description('end a key')
    .option(...project)
    .action(revokeKey)
}
