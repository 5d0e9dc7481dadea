import { didYouMean } from './decode.ts'
import { printPath, type Fault, type Path } from './fault.ts'
import { printAddress, show } from './notation.ts'
import type { Settings } from './schema.ts'
import { checkTeams } from './teams.ts'

/** What no single setting shows: names that lead nowhere, and settings that contradict each other. */
export function checkTogether (settings: Settings): readonly Fault[] {
  return [...checkUpstreamNames(settings), ...checkHeaders(settings), ...checkModelIds(settings), ...checkFallbacks(settings), ...checkPlace(settings), ...checkTeams(settings)]
}

function checkUpstreamNames ({ upstreams, default_upstream: standard, models }: Settings): Fault[] {
  const known = Object.keys(upstreams)
  if (known.length === 0) return []
  const named: Array<[Path, string]> = [[['default_upstream'], standard]]
  for (const [name, { upstream }] of Object.entries(models)) {
    if (upstream !== standard) named.push([['models', name, 'upstream'], upstream])
  }
  return named
    .filter(([, upstream]) => !known.includes(upstream))
    .map(([path, upstream]) => ({ path, message: `there is no upstream ${show(upstream)}${didYouMean(upstream, known)}` }))
}

/** What every request carries anyway, and a second copy of which would corrupt it. Keys belong under `keys`. */
const ownHeaders = new Set(['authorization', 'connection', 'content-length', 'content-type', 'host', 'transfer-encoding'])

function checkHeaders ({ upstreams }: Settings): Fault[] {
  return Object.entries(upstreams).flatMap(([name, { headers }]) => Object.keys(headers)
    .filter((header) => ownHeaders.has(header.toLowerCase()))
    .map((key) => ({ path: ['upstreams', name, 'headers'], key, message: `the header ${show(key)} is set by the gateway itself` })))
}

/** The router fills in one `*`, and only where the entry's own name has one. */
function checkModelIds ({ models }: Settings): Fault[] {
  return Object.entries(models).flatMap(([name, { model = '' }]) => {
    const path = ['models', name, 'model']
    const stars = model.split('*').length - 1
    if (stars > 0 && !name.endsWith('*')) return [{ path, message: '* has a meaning only in the entry of a pattern' }]
    return stars > 1 ? [{ path, message: 'may hold only one *' }] : []
  })
}

/** One level is all that is followed, so two models may stand in for each other; only a model that stands in for itself is a mistake. */
function checkFallbacks ({ models }: Settings): Fault[] {
  return Object.entries(models).flatMap(([name, { fallbacks }]) => fallbacks.flatMap((fallback, index) => {
    const entry = entryOf(models, fallback)
    const path = ['models', name, 'fallbacks', index]
    if (entry === name) return [{ path, message: 'a model cannot be its own fallback' }]
    if (entry === undefined) return [{ path, message: `there is no model ${show(fallback)}${didYouMean(fallback, Object.keys(models))}` }]
    return []
  }))
}

function entryOf (models: Settings['models'], name: string): string | undefined {
  if (name in models) return name
  const patterns = Object.keys(models).filter((entry) => entry.endsWith('*') && name.startsWith(entry.slice(0, -1)))
  return patterns.sort((a, b) => b.length - a.length)[0]
}

function checkPlace ({ workers, store, listen, operator_listen: operator }: Settings): Fault[] {
  const faults: Fault[] = []
  if (workers > 1 && store.startsWith('sqlite:')) {
    faults.push({ path: ['workers'], message: `${workers} processes need Redis as ${printPath(['store'])}: an SQLite file serves one` })
  }
  if (listen.port !== 0 && printAddress(listen) === printAddress(operator)) {
    faults.push({ path: ['operator_listen'], message: `must not be the same as listen, ${printAddress(listen)}` })
  }
  return faults
}
