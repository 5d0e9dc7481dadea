import type { FastifyError, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/openai/errors.ts'
import type { ErrorCode } from '../src/openai/errors.ts'
import { DirectoryError } from '../src/stores/directory.ts'
import type { DirectoryFault } from '../src/stores/directory/directory-error.ts'
import { StoreUnavailableError } from '../src/stores/unavailable.ts'

const byFault: Readonly<Record<DirectoryFault, ErrorCode>> = {
  not_found: 'not_found',
  exists: 'conflict',
  read_only: 'conflict',
  retired: 'conflict',
  unknown_cursor: 'invalid_value',
  too_many: 'invalid_value',
  contended: 'overloaded'
}

const byKeyword: Readonly<Record<string, ErrorCode>> = { required: 'missing_required_parameter', type: 'invalid_type' }

/** What the stores and the schemas of the admin API complain of, as failures of the one table. */
async function adminErrors (app: FastifyInstance): Promise<void> {
  app.setErrorHandler((error: FastifyError) => { throw translated(error) })
}

function translated (error: FastifyError): Error {
  if (error instanceof DirectoryError) {
    const param = error.fault === 'unknown_cursor' ? { param: 'after' } : {}
    return new GatewayError(byFault[error.fault], { message: error.message, ...param, cause: error })
  }
  if (error instanceof StoreUnavailableError) {
    return new GatewayError('overloaded', { message: 'The store does not answer just now. Try again.', headers: { 'retry-after': '1' }, cause: error })
  }
  const faults = error.validation ?? []
  const fault = faults.find(({ keyword }) => keyword === 'additionalProperties') ?? faults[0]
  return fault === undefined ? error : validationError(fault)
}

interface Fault {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

function validationError ({ keyword, instancePath, params, message = 'is not allowed' }: Fault): GatewayError {
  const path = instancePath.split('/').slice(1)
  if (keyword === 'required') path.push(firstOf(params.requiredProperties))
  if (keyword === 'additionalProperties') path.push(firstOf(params.additionalProperties))
  const param = path.join('.').slice(0, 64)
  if (keyword === 'additionalProperties') return new GatewayError('invalid_value', { param, message: `"${param}" is not supported here.` })
  if (keyword === 'required') return new GatewayError('missing_required_parameter', { param, message: `"${param}" is required.` })
  if (param === '') return new GatewayError('invalid_type', { message: `The body ${message}.` })
  const allowed = params.allowedValues
  const complaint = Array.isArray(allowed) ? `must be one of ${allowed.map(value => JSON.stringify(value)).join(', ')}` : message
  return new GatewayError(byKeyword[keyword] ?? 'invalid_value', { param, message: `"${param}" ${complaint}.` })
}

function firstOf (names: unknown): string {
  return Array.isArray(names) ? String(names[0]) : ''
}

export default fp(adminErrors, { name: 'admin-errors', fastify: '5.x', dependencies: ['errors'] })
