import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface PepperSettings {
  /** The operator's own; checked where the configuration is read. */
  readonly pepper?: string
  readonly data_dir: string
}

/** The secret is not one to serve with; the message says what to do. */
export class PepperError extends Error {
  override readonly name = 'PepperError'
}

/**
 * The secret under which keys are hashed: the operator's, or else the data folder's, which is generated at the first start.
 * Throws PepperError on an empty file: hashes under an empty secret could be made by anyone.
 */
export async function loadPepper ({ pepper, data_dir: folder }: PepperSettings): Promise<string> {
  if (pepper !== undefined) return pepper
  const path = join(folder, 'pepper')
  const there = await readIfThere(path)
  if (there === null) {
    await mkdir(folder, { recursive: true })
    await createOnce(path, randomBytes(32).toString('hex'))
  }
  const text = (there ?? await readFile(path, 'utf8')).trim()
  if (text === '') throw new PepperError(`The file ${path} is empty. Restore it, or remove it to have another generated: keys made before stop working.`)
  return text
}

async function readIfThere (path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(error => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/**
 * Makes the file with its whole text, for its owner alone, unless another process is first: a link appears at once and complete,
 * and never replaces a file.
 */
async function createOnce (path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
    await link(draft, path)
  } catch (error) {
    if (!isTaken(error)) throw error
  } finally {
    await file.close()
    await rm(draft)
  }
}

function isTaken (error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
