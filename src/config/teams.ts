import { allScopes } from '../keys/scopes.ts'
import { didYouMean } from './decode.ts'
import type { Fault, Path } from './fault.ts'
import { show } from './notation.ts'
import type { Settings } from './schema.ts'

type Teams = Settings['projects']

/** Names and ids that follow from the place in the file. */
export function deriveTeams (projects: Teams): void {
  for (const [team, project] of Object.entries(projects)) {
    project.id ??= `proj_${team}`
    project.name ??= team
    for (const [name, application] of Object.entries(project.applications)) {
      application.id ??= `svc_acct_${team}_${name}`
      for (const key of application.keys) key.name ??= name
    }
  }
}

/** What no single setting shows: ids that stand for two objects, and lists that contradict each other. */
export function checkTeams ({ projects, prices }: Settings): Fault[] {
  const ids = new Map<string, Path>()
  const faults = Object.entries(projects).flatMap(([team, project]): Fault[] => {
    const path: Path = ['projects', team]
    return [
      ...checkId(ids, project.id, path),
      ...(project.allowed_models !== undefined && project.denied_models !== undefined ? [{ path, key: 'denied_models', message: 'denied_models cannot stand beside allowed_models' }] : []),
      ...Object.entries(project.applications).flatMap(([name, application]) => checkApplication(ids, application, [...path, 'applications', name]))
    ]
  })
  return [...faults, ...checkDays(prices), ...checkTwice(prices)]
}

function checkApplication (ids: Map<string, Path>, { id, keys }: Teams[string]['applications'][string], path: Path): Fault[] {
  return [...checkId(ids, id, path), ...keys.flatMap((key, index) => {
    const keyPath = [...path, 'keys', index]
    return [...checkId(ids, key.id, keyPath), ...checkScopes(key.scopes ?? [], [...keyPath, 'scopes']), ...checkDay(key.expires_on, [...keyPath, 'expires_on'])]
  })]
}

function checkId (ids: Map<string, Path>, id: string | undefined, path: Path): Fault[] {
  if (id === undefined) return []
  const isTaken = ids.has(id)
  ids.set(id, path)
  return isTaken ? [{ path: [...path, 'id'], message: `the id ${show(id)} is taken` }] : []
}

function checkScopes (scopes: readonly string[], path: Path): Fault[] {
  const known: readonly string[] = allScopes
  return scopes.flatMap((scope, index) => known.includes(scope) ? [] : [{ path: [...path, index], message: `there is no scope ${show(scope)}${didYouMean(scope, known)}` }])
}

function checkDays (prices: Settings['prices']): Fault[] {
  return prices.flatMap(({ effective_from: day }, index) => checkDay(day, ['prices', index, 'effective_from']))
}

/** Which of two would be charged, nobody could tell. */
function checkTwice (prices: Settings['prices']): Fault[] {
  const seen = new Set<string>()
  return prices.flatMap(({ model, effective_from: day }, index) => {
    const name = JSON.stringify([model, day])
    const isTwice = seen.has(name) && isDay(String(day))
    seen.add(name)
    return isTwice ? [{ path: ['prices', index], message: `the price of ${show(model)} from ${day} on stands here twice` }] : []
  })
}

function checkDay (day: string | undefined, path: Path): Fault[] {
  return day === undefined || day === '' || isDay(day) ? [] : [{ path, message: `${show(day)} is no day` }]
}

/** `2026-02-30` would become the 2nd of March. */
function isDay (day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}
