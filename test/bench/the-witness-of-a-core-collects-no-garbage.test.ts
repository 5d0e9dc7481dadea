import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import { unnoticed } from '../../bench/stand/cores.ts'

/** A witness started with these flags of Node, and the collections of garbage it has had. */
function startWitness (t: Test, flags: readonly string[]) {
  const witness = spawn(process.execPath, [...flags, '--trace-gc', '--disable-warning=ExperimentalWarning', 'bench/stand/witness.ts'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const closed = once(witness, 'close')
  let trace = ''
  witness.stdout?.setEncoding('utf8').on('data', (text: string) => { trace += text })
  async function stop (): Promise<void> {
    witness.kill()
    await closed
  }
  t.teardown(stop)
  return {
    stop,
    collections: () => trace.match(/Scavenge|Mark-Compact/g)?.length ?? 0,
    /** A question makes the garbage of many sleeps. */
    ask: async () => {
      const answer = once(witness, 'message')
      witness.send('what did you see')
      await answer
    }
  }
}

t.test('with the flags of the bench it collects none while it collects several times without them', async t => {
  const quiet = startWitness(t, unnoticed)
  const usual = startWitness(t, [])
  while (usual.collections() < 5) await Promise.all([quiet.ask(), usual.ask()])
  await quiet.stop()
  t.equal(quiet.collections(), 0)
})
