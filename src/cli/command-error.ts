/** What a person has to be told, in one line that says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
