import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'

const root = '/sys/fs/cgroup'

/**
 * A launcher whose processes may use so many bytes, and are killed by the kernel when they use more: a control group, version 1 or 2.
 * Takes root, as in containers and CI. Throws without.
 */
export function limitMemory (t: Pick<Test, 'teardown'>, bytes: number): [string, ...string[]] {
  const firstVersion = existsSync(join(root, 'memory'))
  const group = join(root, firstVersion ? 'memory' : '', `tollgate-test-${process.pid}`)
  mkdirSync(group)
  t.teardown(() => { rmdirSync(group) })
  writeFileSync(join(group, firstVersion ? 'memory.limit_in_bytes' : 'memory.max'), String(bytes))
  return ['sh', '-c', `echo $$ > ${join(group, 'cgroup.procs')} && exec "$@"`, 'sh']
}
