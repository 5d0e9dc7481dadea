import { parseObject } from './json.ts'
import type { Json } from './json.ts'

/** The body of a JSON answer, parsed for whoever asks first and once for all. */
export class JsonBody {
  readonly bytes: Buffer
  #object: Json | null | undefined

  constructor (bytes: Buffer) {
    this.bytes = bytes
  }

  /** Null when it is no JSON object. */
  get object (): Json | null {
    if (this.#object === undefined) this.#object = parseObject(this.bytes.toString())
    return this.#object
  }
}
