import { readFile } from 'node:fs/promises'
import { isMap as isYamlMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml'
import { isMap, type Values } from './decode.ts'
import { ConfigError, type Fault } from './fault.ts'
import { kindOf } from './notation.ts'

/** A configuration file, read once: what it states, and where. */
export interface Source {
  readonly values: Values
  /** Lines that tell of faults in the YAML itself. */
  readonly faults: readonly string[]
  /** `tollgate.yaml:10:13` */
  readonly locate: (fault: Fault) => string
}

export const noFile: Source = { values: {}, faults: [], locate: () => 'tollgate.yaml' }

/**
 * @param path where the file is
 * @param name what messages call it
 */
export async function readSource (path: string, name: string): Promise<Source> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`${name}: cannot be read (${error.code})`])
  })
  return parseSource(text, name)
}

/** Reads YAML 1.2. A duplicate key is a fault like any other; text that is no YAML leaves nothing to check further. */
export function parseSource (text: string, name: string): Source {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${name}:${line}:${col}`
  }
  const problems = [...document.errors, ...document.warnings]
  const faults = problems.map(({ code, pos, message }) => `${place(pos[0])} ${code === 'DUPLICATE_KEY' ? 'the key is already there' : message}`)
  const readable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY')
  const written: unknown = readable ? document.toJS() ?? {} : {}
  if (!isMap(written)) faults.push(`${name}:1:1 must be a map of settings, not ${kindOf(written)}`)
  return { values: isMap(written) ? written : {}, faults, locate: (fault) => place(offsetOf(document, fault)) }
}

/** The character at fault: the key's or value's own, or that of the nearest thing around it that the file does state. */
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
  if (isYamlMap(node)) return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(step))
  const item = isSeq(node) ? node.items[Number(step)] : undefined
  return isNode(item) ? item : undefined
}

/** A plain value is shown itself; a map or list by its key, because its own start is its first member. */
function startOf (child: Pair | Node, keyWanted: boolean): number | undefined {
  const node = isPair(child) ? (isScalar(child.value) && !keyWanted ? child.value : child.key) : child
  return isNode(node) ? node.range?.[0] : undefined
}
