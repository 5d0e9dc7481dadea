import type { Settings } from './schema.ts'
import { deriveTeams } from './teams.ts'

type Upstream = Settings['upstreams'][string]

/** Fills in the defaults that follow from other settings: those that the schema states as `derived`. */
export function derive (settings: Settings): Settings {
  settings.store ??= `sqlite:${settings.data_dir.replace(/\/$/, '')}/tollgate.db`
  settings.answers_store ??= settings.store
  settings.default_upstream ??= Object.keys(settings.upstreams)[0] ?? ''
  for (const upstream of Object.values(settings.upstreams)) deriveUpstream(upstream, settings.timeouts)
  for (const model of Object.values(settings.models)) model.upstream ??= settings.default_upstream
  deriveTeams(settings.projects)
  return settings
}

function deriveUpstream (upstream: Upstream, common: Settings['timeouts']): void {
  const { connect, idle } = common
  upstream.timeouts = Object.assign({ connect, first_byte: common.first_byte, idle }, upstream.timeouts)
  upstream.headers = Object.fromEntries(Object.entries(upstream.headers).map(([name, value]) => [name.toLowerCase(), value]))
  upstream.keys.forEach((key, index) => { key.name ??= `key-${index + 1}` })
}
