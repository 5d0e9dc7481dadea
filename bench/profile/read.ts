import type { Inspector } from './inspector.ts'
import type { CallFrame } from './place.ts'
import { Tally } from './tally.ts'

interface CpuNode {
  readonly id: number
  readonly callFrame: CallFrame
  /** Ids of those that it calls. */
  readonly children?: readonly number[]
}

interface CpuProfile {
  readonly nodes: readonly CpuNode[]
  readonly samples: readonly number[]
  /** µs before each sample. */
  readonly timeDeltas: readonly number[]
}

interface AllocationNode {
  readonly callFrame: CallFrame
  /** Bytes. */
  readonly selfSize: number
  readonly children: readonly AllocationNode[]
}

interface HeapSnapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[], readonly node_types: readonly [readonly string[]] } }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

/** µs between two samples: finer than a request. */
const samplingInterval = 100
/** Bytes between two samples of allocations. */
const allocationInterval = 8_192

/** Where the time goes while `load` runs: µs by function. Idle time is left out. Also returns the profile, for DevTools. */
export async function profileCpu (inspector: Inspector, load: () => Promise<unknown>): Promise<{ tally: Tally, profile: unknown }> {
  await inspector.ask('Profiler.enable')
  await inspector.ask('Profiler.setSamplingInterval', { interval: samplingInterval })
  await inspector.ask('Profiler.start')
  await load()
  const { profile } = await inspector.ask<{ profile: CpuProfile }>('Profiler.stop')
  const stacks = stacksOf(profile)
  const tally = new Tally()
  profile.samples.forEach((id, index) => {
    const stack = stacks.get(id) ?? []
    // A sample's time is until the next one.
    if (stack[0]?.functionName !== '(idle)') tally.add(stack, profile.timeDeltas[index + 1] ?? 0)
  })
  return { tally, profile }
}

/** The functions that are running at a node, the innermost first. */
function stacksOf ({ nodes }: CpuProfile): Map<number, readonly CallFrame[]> {
  const callers = new Map(nodes.flatMap(node => (node.children ?? []).map(child => [child, node] as const)))
  return new Map(nodes.map(node => {
    const stack = [node.callFrame]
    for (let caller = callers.get(node.id); caller !== undefined; caller = callers.get(caller.id)) stack.push(caller.callFrame)
    return [node.id, stack]
  }))
}

/** What is allocated while `load` runs, short-lived objects too: bytes by function. */
export async function profileAllocations (inspector: Inspector, load: () => Promise<unknown>): Promise<Tally> {
  await inspector.ask('HeapProfiler.startSampling', {
    samplingInterval: allocationInterval, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true
  })
  await load()
  const { profile } = await inspector.ask<{ profile: { head: AllocationNode } }>('HeapProfiler.stopSampling')
  const tally = new Tally()
  const visit = ({ callFrame, selfSize, children }: AllocationNode, callers: readonly CallFrame[]): void => {
    const stack = [callFrame, ...callers]
    tally.add(stack, selfSize)
    for (const child of children) visit(child, stack)
  }
  visit(profile.head, [])
  return tally
}

/** What is alive: bytes by kind of object. Also returns the snapshot, for DevTools. */
export async function snapshotHeap (inspector: Inspector): Promise<{ tally: Tally, snapshot: string }> {
  const parts: string[] = []
  inspector.on('HeapProfiler.addHeapSnapshotChunk', params => { parts.push((params as { chunk: string }).chunk) })
  await inspector.ask('HeapProfiler.collectGarbage')
  await inspector.ask('HeapProfiler.takeHeapSnapshot')
  const text = parts.join('')
  return { tally: tallyOf(JSON.parse(text)), snapshot: text }
}

function tallyOf ({ snapshot: { meta }, nodes, strings }: HeapSnapshot): Tally {
  const at = (field: string): number => meta.node_fields.indexOf(field)
  const [type, name, size] = [at('type'), at('name'), at('self_size')]
  const tally = new Tally()
  for (let node = 0; node < nodes.length; node += meta.node_fields.length) {
    const kind = meta.node_types[0][nodes[node + type] ?? 0] ?? ''
    const className = kind === 'object' ? strings[nodes[node + name] ?? 0] ?? '' : `(${kind})`
    tally.add([{ functionName: className, url: '', lineNumber: 0 }], nodes[node + size] ?? 0)
  }
  return tally
}
