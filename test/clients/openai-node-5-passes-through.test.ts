import OpenAI from 'openai-5'
import { conformance } from './openai-node.ts'
import type { OpenAIConstructor } from './openai-node.ts'

conformance(OpenAI as unknown as OpenAIConstructor)
