import { ConfigError } from '../config/fault.ts'
import { LedgerInUseError } from '../stores/sqlite/ledger-lock.ts'
import { PepperError } from '../stores/pepper.ts'
import { StoreUnavailableError } from '../stores/unavailable.ts'
import { CommandError } from './command-error.ts'

/** What a failure says to people; null for what is a fault of the program itself, whose stack is wanted. */
export function complaintOf (error: unknown): string | null {
  if (error instanceof CommandError || error instanceof ConfigError || error instanceof PepperError || error instanceof LedgerInUseError) return error.message
  if (error instanceof StoreUnavailableError) return `${error.message} (${firstLine(error.cause)}). See what is wrong with: tollgate doctor`
  if (!isSystemError(error)) return null
  if (isOfListener(error)) return listenerComplaint(error)
  return error.path === undefined ? null : `${error.message}. data_dir (TOLLGATE_DATA_DIR) has to be a folder that this process may write to`
}

/** An error of the operating system. */
interface SystemError extends Error {
  readonly code: string
  readonly syscall: string
  readonly address?: string
  readonly hostname?: string
  readonly port?: number
  readonly path?: string
}

function isSystemError (error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code) && 'syscall' in error
}

function isOfListener ({ syscall }: SystemError): boolean {
  return ['listen', 'bind', 'getaddrinfo'].includes(syscall)
}

const listenerFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process. Stop that one, or take another address',
  EADDRNOTAVAIL: 'is no address of this machine. Take another',
  ENOTFOUND: 'is no name that this machine knows. Take an address',
  EACCES: 'may not be listened on by this user. Take a port from 1024 on'
}

function listenerComplaint ({ code, address, hostname, port }: SystemError): string {
  const host = address ?? hostname ?? ''
  const shown = `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`
  return `${shown} ${listenerFaults[code] ?? `cannot be listened on (${code}). Take another address`}: listen (TOLLGATE_LISTEN), operator_listen (TOLLGATE_OPERATOR_LISTEN)`
}

function firstLine (cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0] ?? ''
}
