/** Ends the process with a message for people and exit code 1. */
export function exitWith (message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
