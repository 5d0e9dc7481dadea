import type { KeyObject } from 'node:crypto'
import { AnswerSeal } from './answer-seal.ts'
import type { AnswerStore } from './answer-store.ts'
import { Answers } from './answers.ts'
import type { AnswersSettings } from './answers.ts'
import { BoundedAnswerStore } from './bounded-answer-store.ts'
import type { AnswerStoreListener } from './bounded-answer-store.ts'
import { besideStore } from './open.ts'
import { SqliteAnswerStore } from './sqlite/answer-store.ts'

export interface OpenAnswersOptions extends AnswersSettings {
  /** What answers are sealed with: 32 bytes. */
  readonly secret: KeyObject
  /** Largest answer, bytes. */
  readonly maxAnswerBytes: number
  /** Bound of all answers together in SQLite, bytes as stored. Redis has its own memory policy. */
  readonly maxBytes: number
  readonly listener: AnswerStoreListener
  /** Told of connection errors. */
  readonly onError: (error: Error) => void
}

/**
 * Opens the answers of a store: `sqlite:PATH` or any form of Redis. Throws on another kind.
 * In SQLite they are a file beside the store's (`tollgate.db` → `tollgate.answers.db`).
 */
export async function openAnswers (address: string, options: OpenAnswersOptions): Promise<Answers> {
  const store = await openStore(address, options)
  return new Answers(new BoundedAnswerStore(store, options.listener), options)
}

async function openStore (address: string, { secret, maxAnswerBytes, maxBytes, onError }: OpenAnswersOptions): Promise<AnswerStore> {
  const [kind = ''] = address.split(':', 1)
  const seal = new AnswerSeal(secret, maxAnswerBytes)
  if (kind === 'sqlite') return new SqliteAnswerStore(besideStore(address.slice('sqlite:'.length), 'answers'), { seal, maxBytes, now: Date.now })
  if (kind.startsWith('redis')) {
    const { openRedisAnswerStore } = await import('./redis/answer-store.ts')
    return await openRedisAnswerStore(address, seal, onError)
  }
  throw new Error(`unknown kind of store: ${kind}`)
}
