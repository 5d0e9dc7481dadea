import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { unnoticed } from '../../bench/stand/cores.ts'

const questions = 3_000

/** Collections of a witness that is asked so often that it has made the garbage of minutes. */
async function collections (flags: readonly string[]): Promise<number> {
  const witness = spawn(process.execPath, [...flags, '--trace-gc', '--disable-warning=ExperimentalWarning', 'bench/stand/witness.ts'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const chunks: Buffer[] = []
  witness.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (let asked = 0; asked < questions; asked++) {
    const answer = once(witness, 'message')
    witness.send('what did you see')
    await answer
  }
  const closed = once(witness, 'close')
  witness.kill()
  await closed
  return Buffer.concat(chunks).toString().match(/Scavenge|Mark-Compact/g)?.length ?? 0
}

t.test('with the flags of the bench it collects none', async t => {
  t.equal(await collections(unnoticed), 0)
})

t.test('without them it does', async t => {
  t.ok(await collections([]) > 0)
})
