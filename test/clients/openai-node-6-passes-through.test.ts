import OpenAI from 'openai-6'
import { conformance } from './openai-node.ts'
import type { OpenAIConstructor } from './openai-node.ts'

conformance(OpenAI as unknown as OpenAIConstructor)
