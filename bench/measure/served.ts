/** ms: a process that hangs must not hang the bench. */
const deadline = 10_000

/** How many requests an nginx with the stand's `/served` has answered, those of this counter left out. */
export function requestsOfNginx (port: number): () => Promise<number> {
  let asked = 0
  return async () => {
    const text = await textOf(`http://127.0.0.1:${port}/served`)
    asked++
    return Number(/requests\s+\d+ \d+ (\d+)/.exec(text)?.[1]) - asked
  }
}

/** How many requests a gateway has ended, by its own metrics. */
export function requestsOfGateway (operatorPort: number): () => Promise<number> {
  return async () => {
    const text = await textOf(`http://127.0.0.1:${operatorPort}/metrics`)
    const samples = text.split('\n').filter(line => line.startsWith('tollgate_requests_total{'))
    return samples.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
  }
}

async function textOf (url: string): Promise<string> {
  return await (await fetch(url, { signal: AbortSignal.timeout(deadline) })).text()
}
