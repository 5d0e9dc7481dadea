export type DirectoryFault = 'not_found' | 'exists' | 'read_only' | 'retired' | 'unknown_cursor' | 'too_many' | 'contended'

/** A write or a page that cannot be, whatever the store's health. The message is for the person who asked. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError'
  readonly fault: DirectoryFault

  constructor (fault: DirectoryFault, message: string) {
    super(message)
    this.fault = fault
  }
}
