import OpenAI from 'openai'
import { conformance } from './openai-node.ts'

conformance(OpenAI)
