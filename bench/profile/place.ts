/** Where a function is written. */
export interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

/** The function, as one would look for it: `Relay.start src/upstream/relay.ts:62`. */
export function nameOf ({ functionName, url, lineNumber }: CallFrame): string {
  const file = fileOf(url)
  return `${functionName === '' ? '(anonymous)' : functionName}${file === '' ? '' : `  ${file}:${lineNumber + 1}`}`
}

/** The part of the program that a function belongs to: a link of the chain, a folder of `src`, a package, Node, V8. */
export function partOf ({ functionName, url }: CallFrame): string {
  const file = fileOf(url)
  if (file === '') return functionName.startsWith('(') ? `V8 ${functionName}` : 'Node, native'
  if (file.startsWith('node:')) return `Node ${file.split('/').slice(0, 2).join('/')}`
  const packaged = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]
  if (packaged !== undefined) return `package ${packaged}`
  return file.startsWith('src/') ? file.split('/').slice(0, 2).join('/') : file
}

/** The link of the chain, or the route, on whose behalf something runs: the innermost of a stack. Of what no link waits for, the part. */
export function linkOf (stack: readonly CallFrame[]): string {
  const files = stack.map(({ url }) => fileOf(url))
  const link = files.find(file => file.startsWith('plugins/') || file.startsWith('src/routes/'))
  if (link !== undefined) return link
  const part = stack.map(partOf).find(name => name.startsWith('src/') || name.startsWith('package '))
  return `no link: ${part ?? 'Node and V8'}`
}

function fileOf (url: string): string {
  return decodeURI(url).replace(/^file:\/\//, '').replace(`${process.cwd()}/`, '')
}
