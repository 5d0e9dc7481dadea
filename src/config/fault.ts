/** Where a setting stands: `['upstreams', 'aimlapi', 'keys', 0, 'value']`. */
export type Path = ReadonlyArray<string | number>

/** One thing that is wrong. */
export interface Fault {
  readonly path: Path
  readonly message: string
  /** The key inside the map at `path` that is at fault, where the key and not the value is. */
  readonly key?: string
}

/** Every fault of a configuration, each as one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor (faults: readonly string[]) {
    super(['The configuration has faults:', ...faults].join('\n  '))
    this.faults = faults
  }
}

const plain = /^[\w-]+$/

/** `upstreams.aimlapi.keys[0].value`; names that are no plain words are quoted: `models["openai/gpt-4o"]`. */
export function printPath (path: Path): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`
    return plain.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
  })
  return steps.join('').replace(/^\./, '')
}
