import { GatewayError } from './errors.ts'

export type ParameterFault = 'duplicate_key' | 'invalid_json' | 'invalid_type' | 'invalid_value' | 'missing_required_parameter'

/** Keys are the caller's: a message shows no more of one. */
const MAX_NAME_CHARACTERS = 64

/** A 400 that names the parameter: `"n" must be an integer.` */
export function parameterFault (code: ParameterFault, param: string, complaint: string): GatewayError {
  const name = param.slice(0, MAX_NAME_CHARACTERS)
  return new GatewayError(code, { param: name, message: `"${name}" ${complaint}.` })
}
