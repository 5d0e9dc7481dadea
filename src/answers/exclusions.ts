import { given } from '../openai/members.ts'
import type { ScannedObject } from '../openai/scan.ts'
import { outsideInput } from './outside-input.ts'
import type { OutsideInput } from './outside-input.ts'

/** What in a request makes its answer depend on more than the request, or act on more than the answer. */
export type Exclusion = OutsideInput | 'malformed' | 'store' | 'previous-response' | 'conversation' | 'prompt-template' | 'background' | 'prewarm' | 'hosted-tool' | 'audio'

interface Rule {
  readonly member: string
  readonly exclusion: Exclusion
  /** Whether this value, as JSON text in latin1, excludes; without it, any value but null and false does. */
  readonly excludes?: (json: string) => boolean
}

const rules: readonly Rule[] = [
  { member: 'previous_response_id', exclusion: 'previous-response' },
  { member: 'conversation', exclusion: 'conversation' },
  { member: 'prompt', exclusion: 'prompt-template' },
  { member: 'background', exclusion: 'background' },
  { member: 'prompt_cache_options', exclusion: 'prewarm', excludes: json => json.includes('"prewarm"') },
  { member: 'tools', exclusion: 'hosted-tool', excludes: hasHostedTool },
  // Searches that run at the provider without being listed as tools (OpenAI, OpenRouter, xAI).
  { member: 'web_search_options', exclusion: 'hosted-tool' },
  { member: 'plugins', exclusion: 'hosted-tool' },
  { member: 'search_parameters', exclusion: 'hosted-tool' },
  { member: 'modalities', exclusion: 'audio', excludes: json => json.includes('"audio"') },
  { member: 'audio', exclusion: 'audio' }
]

/** The first thing in a request that rules a reproducible answer out, or null. */
export function exclusionOf (scanned: ScannedObject): Exclusion | null {
  try {
    return excludedMember(scanned) ?? outsideInput(scanned)
  } catch {
    // The scan leaves what stands inside strings to the upstream, which will refuse this body.
    return 'malformed'
  }
}

function excludedMember (scanned: ScannedObject): Exclusion | null {
  for (const { member, exclusion, excludes = isOn } of rules) {
    const value = given(scanned, member)
    if (value !== undefined && excludes(scanned.text.slice(value.start, value.end))) return exclusion
  }
  return null
}

function isOn (json: string): boolean {
  return json !== 'false'
}

/** The caller runs function and custom tools itself, so they are part of the answer. Whatever else there is, or will be, runs elsewhere. */
function hasHostedTool (json: string): boolean {
  const tools: unknown = JSON.parse(json)
  return !Array.isArray(tools) || !tools.every(tool => ['function', 'custom'].includes(tool?.type))
}
