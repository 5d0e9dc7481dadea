import { Argument, type Command } from 'commander'

/** `tollgate completion`: a script for the shell, made from the commands themselves. */
export function addCompletion (program: Command): void {
  program.command('completion')
    .description('print a completion script: source <(tollgate completion bash)')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action((shell: string) => { process.stdout.write(shell === 'fish' ? fish(program) : bash(program, shell)) })
}

/** What may follow a command's words. */
interface Node {
  readonly path: string
  readonly words: readonly string[]
}

/** The most specific first. */
function nodesOf (command: Command, path = ''): Node[] {
  const children = command.commands.flatMap(child => nodesOf(child, `${path} ${child.name()}`.trim()))
  const options = command.options.flatMap(({ long }) => long ?? [])
  return [...children, { path, words: [...command.commands.map(child => child.name()), ...options, '--help'] }]
}

/** Zsh takes bash's completions as they are. */
function bash (program: Command, shell: string): string {
  const cases = nodesOf(program).map(({ path, words }) => `    ${path === '' ? '*' : `"${path}"|"${path} "*`}) words="${words.join(' ')}" ;;`)
  return `${shell === 'zsh' ? 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n' : ''}_tollgate () {
  local path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="$path $word" ;; esac
  done
  case "\${path# }" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tollgate tollgate
`
}

function fish (program: Command): string {
  const lines = program.commands.flatMap(command => [
    `complete -c tollgate -n __fish_use_subcommand -f -a ${command.name()} -d '${quoted(command.description())}'`,
    ...fishMembers(command, `__fish_seen_subcommand_from ${command.name()}`)
  ])
  return `${lines.join('\n')}\n`
}

function fishMembers (command: Command, condition: string): string[] {
  const options = command.options.flatMap(({ long, description }) => long == null ? [] : `complete -c tollgate -n '${condition}' -l ${long.slice(2)} -d '${quoted(description)}'`)
  const children = command.commands.flatMap(child => [
    `complete -c tollgate -n '${condition}' -f -a ${child.name()} -d '${quoted(child.description())}'`,
    ...fishMembers(child, `${condition}; and __fish_seen_subcommand_from ${child.name()}`)
  ])
  return [...options, ...children]
}

function quoted (text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
