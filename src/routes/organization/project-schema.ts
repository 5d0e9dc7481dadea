import Type, { type Static } from 'typebox'
import type { Project, ProjectPatch } from '../../stores/directory.ts'

const Name = Type.String({ minLength: 1, maxLength: 256 })

/** Tollgate's own, beside OpenAI's fields. */
const settings = {
  failure_mode: Type.Optional(Type.Union([Type.Enum(['open', 'local', 'closed']), Type.Null()])),
  answers: Type.Optional(Type.Enum(['off', 'project', 'organization']))
}

export const NewProjectBodySchema = Type.Object({ name: Name, ...settings }, { additionalProperties: false })
export type NewProjectBody = Static<typeof NewProjectBodySchema>

export const ProjectBodySchema = Type.Object({ name: Type.Optional(Name), ...settings }, { additionalProperties: false })
export type ProjectBody = Static<typeof ProjectBodySchema>

/** The path below a project. */
export interface OfProject { readonly Params: { readonly project: string } }

export const defaultSettings: Project['settings'] = { failureMode: null, answers: 'project' }

/** What a body changes; what it leaves out stays. */
export function projectPatch ({ name, failure_mode: failureMode, answers }: ProjectBody, { settings }: Pick<Project, 'settings'>): ProjectPatch {
  return {
    ...(name === undefined ? {} : { name }),
    settings: { failureMode: failureMode === undefined ? settings.failureMode : failureMode, answers: answers ?? settings.answers }
  }
}

/** A project as the API shows it. `failure_mode`, `answers` and `source` are Tollgate's own. */
export function projectObject ({ id, name, createdAt, archivedAt, settings, source }: Project) {
  return {
    object: 'organization.project' as const,
    id,
    name,
    created_at: createdAt,
    archived_at: archivedAt,
    status: archivedAt === null ? 'active' as const : 'archived' as const,
    failure_mode: settings.failureMode,
    answers: settings.answers,
    source
  }
}
