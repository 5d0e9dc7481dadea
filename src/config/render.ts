import type { Values } from './decode.ts'
import { mapLeaves } from './leaves.ts'
import { printAddress, printDuration, printSize } from './notation.ts'
import { configSetting, type Config } from './schema.ts'
import { isSecret, type Setting } from './setting.ts'

/** The settings in effect, written as in the file, without any secret: for logs and reports. */
export function renderConfig (config: Config): Values {
  return mapLeaves(configSetting, config, render) as Values
}

function render (setting: Setting, value: unknown): unknown {
  if (isSecret(setting)) return '***'
  switch (setting.notation) {
    case 'duration': return printDuration(value as number)
    case 'size': return printSize(value as number)
    case 'address': return printAddress(value as Config['listen'])
    case 'store': return maskPassword(value as string)
    default: return value
  }
}

/** `redis://user:***@host`: whatever stands before the last @ of the authority, but for the user. */
const maskPassword = (url: string): string => url.replace(/^([^/]*\/\/[^/:]*):.*@/, '$1:***@')
