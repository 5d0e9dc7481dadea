import { readFile } from 'node:fs/promises'
import { isMap as isYamlMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml'
import { isMap, type Values } from './decode.ts'
import { ConfigError, type Fault } from './fault.ts'
import { kindOf } from './notation.ts'

/** A fault of the YAML itself, at a character of the file. */
export interface SourceFault {
  readonly offset: number
  readonly message: string
}

/** A configuration file, read once: what it states, and where. */
export interface Source {
  /** What messages call the file. */
  readonly name: string
  readonly values: Values
  readonly faults: readonly SourceFault[]
  /** The character at fault: the key's or value's own, or that of the nearest thing around it that the file does state. */
  offsetOf (fault: Fault): number
  /** `tollgate.yaml:10:13` */
  place (offset: number): string
}

export const noFile: Source = { name: 'no file', values: {}, faults: [], offsetOf: () => 0, place: () => 'no file' }

/** @param name what messages call the file */
export async function readSource (path: string, name: string): Promise<Source> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`${name}: cannot be read (${error.code})`])
  })
  return parseSource(text, name)
}

function parseSource (text: string, name: string): Source {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const { values, fault } = valuesOf(document)
  const problems = [...document.errors, ...document.warnings]
  const faults = problems.map(({ code, pos: [offset], message }) => ({ offset, message: explain(code, keyAt(text, offset)) ?? message }))
  return {
    name,
    values,
    faults: fault === null ? faults : [...faults, { offset: 0, message: fault }],
    offsetOf: (fault) => offsetOf(document, fault),
    place: (offset) => {
      const { line, col } = lines.linePos(offset)
      return `${name}:${line}:${col}`
    }
  }
}

function explain (code: string, key: string): string | undefined {
  if (code === 'DUPLICATE_KEY') return `duplicate key ${key}`
  if (code === 'MULTIPLE_DOCS') return 'must be one document, without a second after ---'
  return undefined
}

const keyAt = (text: string, offset: number): string => JSON.stringify(/^["']?([^\s:"']+)/.exec(text.slice(offset))?.[1])

/** A duplicate key is a fault like any other; text that is no YAML leaves nothing to check further. */
function valuesOf (document: Document): { values: Values, fault: string | null } {
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return { values: {}, fault: null }
  try {
    const values: unknown = document.toJS() ?? {}
    if (isMap(values)) return { values, fault: null }
    return { values: {}, fault: `must be a map of settings, not ${kindOf(values)}` }
  } catch (error) {
    // An alias without its anchor, or too many of them.
    return { values: {}, fault: error instanceof Error ? error.message : String(error) }
  }
}

function offsetOf (document: Document, { path, key }: Fault): number {
  const steps = key === undefined ? path : [...path, key]
  let node: unknown = document.contents
  let offset = 0
  for (const [index, step] of steps.entries()) {
    const child = childOf(resolveAlias(document, node), step)
    if (child === undefined) break
    const keyWanted = key !== undefined && index === steps.length - 1
    offset = startOf(child, keyWanted) ?? offset
    node = isPair(child) ? child.value : child
  }
  return offset
}

function resolveAlias (document: Document, node: unknown): unknown {
  return isNode(node) && 'resolve' in node ? node.resolve(document) : node
}

function childOf (node: unknown, step: string | number): Pair | Node | undefined {
  if (isYamlMap(node)) return pairOf(node.items, String(step)) ?? pairOf(node.items, String(step), (key) => key.toLowerCase())
  const item = isSeq(node) ? node.items[Number(step)] : undefined
  return isNode(item) ? item : undefined
}

/** Header names are kept in lower case, however they were written. */
function pairOf (pairs: readonly Pair[], step: string, normal = (key: string): string => key): Pair | undefined {
  return pairs.findLast(({ key }) => isScalar(key) && normal(String(key.value)) === step)
}

/** A plain value is shown itself; a map or list by its key, because its own start is its first member. */
function startOf (child: Pair | Node, keyWanted: boolean): number | undefined {
  const node = isPair(child) ? (isScalar(child.value) && !keyWanted ? child.value : child.key) : child
  return isNode(node) ? node.range?.[0] : undefined
}
