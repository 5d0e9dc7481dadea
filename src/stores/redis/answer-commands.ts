import { readFileSync } from 'node:fs'
import type { Resignation } from '../answer-store.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import type { RedisClient } from './client.ts'

/** The scripts beside this file, as methods of a connection. */
export interface AnswerScripts {
  answerClaimBuffer (answer: string, flight: string, token: string, ms: number, refresh: 0 | 1): Promise<readonly [is: Buffer, sealed?: Buffer]>
  answerRenew (flight: string, token: string, ms: number): Promise<0 | 1>
  answerPut (answer: string, flight: string, token: string, sealed: Buffer, ms: number, channel: string, fingerprint: string): Promise<0 | 1>
  answerResign (flight: string, token: string, how: Resignation, ms: number, channel: string, fingerprint: string): Promise<0 | 1>
}

export function withScripts (redis: RedisClient): AnswerScripts {
  const define = (name: string, file: string, numberOfKeys: number): void => {
    redis.defineCommand(name, { numberOfKeys, lua: readFileSync(new URL(file, import.meta.url), 'utf8') })
  }
  define('answerClaim', './answer-claim.lua', 2)
  define('answerRenew', './answer-renew.lua', 1)
  define('answerPut', './answer-put.lua', 2)
  define('answerResign', './answer-resign.lua', 1)
  // ioredis adds the methods at run time.
  return redis as unknown as AnswerScripts
}

/** What Redis answers. No answer, and any error as an answer, is "unknown". */
export async function answered<Result> (reply: Promise<Result>): Promise<Result> {
  return reply.catch(cause => { throw new StoreUnavailableError('the answer store', cause) })
}
