import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reservationOfRow } from '../../metering/reservation.ts'
import { parseRow } from '../../metering/row.ts'
import { SqliteLedger } from '../sqlite/ledger.ts'
import { LedgerInUseError } from '../sqlite/ledger-lock.ts'
import type { Said } from './ledger-ring.ts'

export interface SpoolOptions {
  /** Folder of this machine's spools. Processes share it; each has a file of its own. */
  readonly folder: string
  readonly timeZone: string
  /** For tests: µs. */
  readonly clock?: () => number
}

interface SpoolFile {
  readonly path: string
  readonly ledger: SqliteLedger
}

const fileShape = /^spool-(\d+)\.db$/
const deliveredAtOnce = 64

/**
 * What this machine owes to the shared store: a ledger of the embedded kind whose every commit is on the disk. Its rows are handed on
 * when the store is back. What a process left behind that died meanwhile is taken over by the next one on the machine, and billed when
 * its leases have run out. A file that is empty again is deleted.
 */
export class Spool {
  readonly #options: SpoolOptions
  #own: SpoolFile | null = null
  #orphans: SpoolFile[] = []
  /** Uses of the own file: under way, and ever. */
  #busy = 0
  #uses = 0

  constructor (options: SpoolOptions) {
    this.#options = options
    mkdirSync(options.folder, { recursive: true })
    for (const name of readdirSync(options.folder).filter(name => fileShape.test(name))) {
      const orphan = this.#openIfFree(name)
      if (orphan !== null) this.#orphans.push(orphan)
    }
  }

  /** Something may wait to be handed on. */
  get isEmpty (): boolean {
    return this.#own === null && this.#orphans.length === 0
  }

  /** Works with the process's own ledger. */
  async use<Result> (work: (ledger: SqliteLedger) => Promise<Result>): Promise<Result> {
    this.#own ??= this.#openFirstFree()
    this.#uses++
    this.#busy++
    try {
      return await work(this.#own.ledger)
    } finally {
      this.#busy--
    }
  }

  /** Hands everything on, oldest first. Returns how much that was. Rejects with what `deliver` rejects with; the rest stays. */
  async drain (deliver: (said: Said) => Promise<unknown>): Promise<number> {
    let delivered = 0
    for (const orphan of this.#orphans) {
      delivered += await drainLedger(orphan.ledger, deliver)
      if (orphan.ledger.openCount > 0) continue
      this.#orphans = this.#orphans.filter(other => other !== orphan)
      await remove(orphan)
    }
    return delivered + await this.#drainOwn(deliver)
  }

  async close (): Promise<void> {
    for (const file of [this.#own, ...this.#orphans]) await file?.ledger.close()
  }

  /** The epoch of the shared store that this machine saw last. */
  readEpoch (): string | null {
    try {
      return readFileSync(this.#epochFile, 'utf8')
    } catch {
      return null
    }
  }

  writeEpoch (epoch: string): void {
    writeFileSync(this.#epochFile, epoch)
  }

  async #drainOwn (deliver: (said: Said) => Promise<unknown>): Promise<number> {
    const own = this.#own
    if (own === null) return 0
    const uses = this.#uses
    const idle = this.#busy === 0
    const delivered = await drainLedger(own.ledger, deliver)
    if (idle && uses === this.#uses && own.ledger.openCount === 0) {
      this.#own = null
      await remove(own)
    }
    return delivered
  }

  get #epochFile (): string {
    return join(this.#options.folder, 'ledger-epoch')
  }

  #openFirstFree (): SpoolFile {
    for (let number = 0; ; number++) {
      const file = this.#openIfFree(`spool-${number}.db`)
      if (file !== null) return file
    }
  }

  #openIfFree (name: string): SpoolFile | null {
    const { folder, timeZone, clock } = this.#options
    const path = join(folder, name)
    if ([this.#own, ...this.#orphans].some(file => file?.path === path)) return null
    try {
      return { path, ledger: new SqliteLedger({ path, timeZone, durability: 'power', ...(clock !== undefined && { clock }) }) }
    } catch (error) {
      if (error instanceof LedgerInUseError) return null
      throw error
    }
  }
}

async function drainLedger (ledger: SqliteLedger, deliver: (said: Said) => Promise<unknown>): Promise<number> {
  await ledger.reap()
  const { records } = ledger
  let delivered = 0
  for (const projectId of await records.projectIds()) {
    let said: Said[] = []
    let last = await records.exported(projectId)
    for await (const { seq, text } of records.rows(projectId, last)) {
      said.push(saidBy(projectId, text))
      last = seq
      if (said.length < deliveredAtOnce) continue
      delivered += await deliverAll(said, deliver)
      said = []
    }
    delivered += await deliverAll(said, deliver)
    await records.markExported(projectId, last)
    await records.trim(projectId, last)
  }
  return delivered
}

/** An estimate and its correction may follow each other: one after the other where a request has two rows. */
async function deliverAll (said: readonly Said[], deliver: (said: Said) => Promise<unknown>): Promise<number> {
  const [corrections, others] = [said.filter(({ kind }) => kind === 'correction'), said.filter(({ kind }) => kind !== 'correction')]
  await Promise.all(others.map(deliver))
  await Promise.all(corrections.map(deliver))
  return said.length
}

function saidBy (projectId: string, text: string): Said {
  const row = parseRow(text)
  return { kind: row.kind, reservation: reservationOfRow(projectId, row), outcome: row }
}

async function remove ({ path, ledger }: SpoolFile): Promise<void> {
  await ledger.close()
  for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(path + suffix, { force: true })
}
