import { assemble, type LoadOptions } from './assemble.ts'
import { ConfigError } from './fault.ts'
import type { Config } from './schema.ts'

export { ConfigError } from './fault.ts'

/**
 * Puts file, environment and defaults together.
 *
 * @returns the settings, complete and deeply frozen
 * @throws ConfigError with every fault at once
 */
export async function loadConfig (options: LoadOptions): Promise<Config> {
  const { settings, faults } = await assemble(options)
  if (faults.length > 0) throw new ConfigError(faults)
  return deepFreeze(settings)
}

function deepFreeze<T> (value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
