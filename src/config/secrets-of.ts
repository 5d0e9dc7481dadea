import { mapLeaves } from './leaves.ts'
import { configSetting, type Config } from './schema.ts'
import { isSecret } from './setting.ts'

/** Every secret of the settings, for those who must keep them out of what they write: keys, peppers, fixed headers, passwords of stores. */
export function secretsOf (config: Config): readonly string[] {
  const secrets: string[] = []
  mapLeaves(configSetting, config, (setting, value) => {
    if (typeof value !== 'string') return
    if (isSecret(setting)) secrets.push(value)
    if (setting.notation === 'store') secrets.push(...passwordsOf(value))
  })
  return secrets
}

/** As it stands in the URL, and as it is sent. */
function passwordsOf (url: string): string[] {
  const password = /^[^/]*\/\/[^/:@]*:(.*)@/.exec(url)?.[1]
  return password === undefined ? [] : [password, decoded(password)]
}

function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
