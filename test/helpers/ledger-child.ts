import { randomUUIDv7 } from 'node:crypto'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { aRequest, anOutcome } from './metering.ts'

/** A process that meters until it is killed: prints the rid of every admission and settlement that was acknowledged. */
const [path = '', concurrency = '8'] = process.argv.slice(2)
const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })

async function work (): Promise<never> {
  for (;;) {
    const rid = randomUUIDv7()
    const admission = await ledger.admit(aRequest(rid))
    if (!admission.admitted || admission.reservation === null) throw new Error('denied')
    console.log(`admitted ${rid}`)
    await ledger.settle(admission.reservation, anOutcome(1, 1, 3))
    console.log(`settled ${rid}`)
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, work))
