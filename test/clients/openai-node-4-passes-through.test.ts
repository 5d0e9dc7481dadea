import OpenAI from 'openai-4'
import { conformance } from './openai-node.ts'
import type { OpenAIConstructor } from './openai-node.ts'

conformance(OpenAI as unknown as OpenAIConstructor)
