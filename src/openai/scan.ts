/** How much a request body may ask of the scanner. */
export interface ScanBounds {
  /** Deepest nesting of objects and arrays. */
  readonly maxDepth: number
  /** Most values and keys in the whole body. */
  readonly maxTokens: number
}

export type ValueKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** One top-level member. Offsets are bytes into the body; `start` is the value's first byte, `end` is one past its last. */
export interface Member {
  readonly key: string
  readonly keyStart: number
  readonly start: number
  readonly end: number
  readonly kind: ValueKind
}

/** A top-level JSON object, read once. */
export interface ScannedObject {
  /** The body as latin1, so that an index into it is a byte offset. */
  readonly text: string
  /** In the order of the body. Keys are decoded; each is there once. */
  readonly members: ReadonlyMap<string, Member>
  /** Offset of the closing brace. */
  readonly closing: number
}
