import { deliver } from './deliver.ts'
import { answeringModel, occasionOf, sendProblem, type Exchange } from './exchange.ts'
import { numberOr, stringOf } from './json.ts'
import { validationProblem } from './problems.ts'
import { demoTokens, hashOf, numbersFrom } from './text.ts'
import { metaOf } from './usage.ts'

const defaultDimensions = 1536
const maxDimensions = 4_096

type Input = string | readonly number[]

/** POST /v1/embeddings */
export function embeddings (exchange: Exchange): void {
  const { body, magic } = exchange
  const inputs = inputsOf(body.input)
  if (inputs === null) return sendProblem(exchange, validationProblem('input', 'Required', occasionOf(exchange)))
  const dimensions = Math.min(Math.max(1, numberOr(body.dimensions, defaultDimensions)), maxDimensions)
  const tokens = inputs.reduce((sum, input) => sum + tokensOf(input), 0)
  const counts = { input: tokens, cached: 0, output: 0, reasoning: 0 }
  const meta = metaOf(magic, counts)
  deliver(exchange, {
    counts,
    words: 0,
    json: () => ({
      object: 'list',
      data: inputs.map((input, index) => {
        const vector = unitVector(hashOf(stringOf(body.model), textOf(input)), dimensions)
        return { object: 'embedding', index, embedding: body.encoding_format === 'base64' ? base64Of(vector) : [...vector] }
      }),
      model: answeringModel(exchange),
      ...magic?.name === 'demo-no-usage' ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } },
      ...meta === null ? {} : { meta }
    }),
    stream: null
  })
}

/** A text, some texts, the tokens of a text or of some texts; null for anything else. */
function inputsOf (input: unknown): readonly Input[] | null {
  const inputs: readonly unknown[] = Array.isArray(input) && !isTokens(input) ? input : [input]
  return inputs.length > 0 && inputs.every(isInput) ? inputs : null
}

function isInput (input: unknown): input is Input {
  return typeof input === 'string' || isTokens(input)
}

function isTokens (input: unknown): input is readonly number[] {
  return Array.isArray(input) && input.length > 0 && input.every(token => typeof token === 'number')
}

function tokensOf (input: Input): number {
  return typeof input === 'string' ? demoTokens(input) : input.length
}

function textOf (input: Input): string {
  return typeof input === 'string' ? input : input.join(',')
}

function unitVector (hash: number, dimensions: number): Float32Array {
  const next = numbersFrom(hash)
  const vector = new Float32Array(dimensions)
  let squares = 0
  for (let i = 0; i < dimensions; i++) {
    const component = next() / 2 ** 31 - 1
    vector[i] = component
    squares += component ** 2
  }
  const length = Math.sqrt(squares)
  return vector.map(component => component / length)
}

/** Little-endian 32-bit floats, as both official SDKs ask for by default. */
function base64Of (vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, component] of vector.entries()) bytes.writeFloatLE(component, index * 4)
  return bytes.toString('base64')
}
