/** One line of /metrics. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What /metrics of an operator listener says. */
export async function scrape (operatorUrl: string): Promise<Scrape> {
  const response = await fetch(`${operatorUrl}/metrics`)
  return new Scrape(await response.text())
}

export class Scrape {
  readonly text: string
  readonly samples: readonly Sample[]

  constructor (text: string) {
    this.text = text
    this.samples = text.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(parse)
  }

  /** The sum of the samples of a name whose labels contain the given ones; null when there is none. */
  value (name: string, labels: Readonly<Record<string, string>> = {}): number | null {
    const found = this.samples.filter(sample => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0)
  }
}

function parse (line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^([a-z_A-Z0-9]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  return { name, labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text])), value: Number(value) }
}
