import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AnswerSeal } from '../answer-seal.ts'
import type { Answer, AnswerKey, AnswerStats, AnswerStore, Awaited, Claim, Lease, Resignation } from '../answer-store.ts'
import { answered, withScripts } from './answer-commands.ts'
import type { AnswerScripts } from './answer-commands.ts'
import { forEachBatch, keys, patterns } from './answer-keys.ts'
import { AnswerNews, newsChannel } from './answer-news.ts'
import { connectRedis } from './client.ts'
import type { RedisClient } from './client.ts'

/** Followers look again after this long even without news, ms. */
const pollMs = 250
/** For so long, followers that missed the news can see that their leader failed, ms. */
const failureRemembered = 5_000

/** A command without an answer is given up, ms. Look-ups have a shorter deadline of their own. */
const commandTimeout = 1000
/** A start waits this long for the first connection, ms. */
const firstConnectionTimeout = 1000

/** The answers in Redis. Opens also while Redis is away: until it is there, every call rejects with StoreUnavailableError. */
export async function openRedisAnswerStore (address: string, seal: AnswerSeal, onError: (error: Error) => void): Promise<RedisAnswerStore> {
  const connect = (): RedisClient => connectRedis(address, { name: 'tollgate-answers', commandTimeout, onError })
  const redis = connect()
  await once(redis, 'ready', { signal: AbortSignal.timeout(firstConnectionTimeout) }).catch(() => {})
  return new RedisAnswerStore(redis, connect, seal)
}

/**
 * Answers in Redis, for any number of replicas. Redis bounds them: by their age, and by its own memory policy; the instance may
 * be another than the ledger's, and one that evicts.
 */
export class RedisAnswerStore implements AnswerStore {
  readonly #redis: RedisClient
  readonly #scripts: AnswerScripts
  readonly #seal: AnswerSeal
  readonly #news: AnswerNews

  /**
   * @param redis a connection of its own: answers are large, and nothing else should wait behind them
   * @param connect makes another one, for news, when somebody first waits
   */
  constructor (redis: RedisClient, connect: () => RedisClient, seal: AnswerSeal) {
    this.#redis = redis
    this.#scripts = withScripts(redis)
    this.#seal = seal
    this.#news = new AnswerNews(connect)
  }

  async get (key: AnswerKey): Promise<Answer | null> {
    const sealed = await answered(this.#redis.getBuffer(keys.answer(key)))
    return sealed === null ? null : await this.#seal.open(key, sealed)
  }

  async claim (key: AnswerKey, ms: number, refresh: boolean): Promise<Claim> {
    const token = randomUUID()
    const [is, sealed] = await answered(this.#scripts.answerClaimBuffer(keys.answer(key), keys.flight(key), token, ms, refresh ? 1 : 0))
    if (sealed !== undefined) {
      const answer = await this.#seal.open(key, sealed)
      return answer === null ? await this.claim(key, ms, true) : { is: 'stored', answer }
    }
    return is.toString() === 'leader' ? { is: 'leader', lease: { ...key, token } } : { is: 'follower' }
  }

  async renew (lease: Lease, ms: number): Promise<boolean> {
    return await answered(this.#scripts.answerRenew(keys.flight(lease), lease.token, ms)) === 1
  }

  async put (lease: Lease, answer: Answer, ttlMs: number): Promise<boolean> {
    const sealed = await this.#seal.seal(lease, answer)
    return await answered(this.#scripts.answerPut(
      keys.answer(lease), keys.flight(lease), lease.token, sealed, ttlMs, newsChannel, lease.fingerprint)) === 1
  }

  async resign (lease: Lease, how: Resignation): Promise<void> {
    await answered(this.#scripts.answerResign(keys.flight(lease), lease.token, how, failureRemembered, newsChannel, lease.fingerprint))
  }

  async wait (key: AnswerKey, ms: number): Promise<Awaited> {
    const deadline = performance.now() + ms
    const ear = this.#news.listen(key.fingerprint)
    try {
      for (;;) {
        const awaited = await this.#look(key)
        if (awaited !== null) return awaited
        const left = deadline - performance.now()
        if (left <= 0) return { is: 'timeout' }
        await ear.next(Math.min(left, pollMs))
      }
    } finally {
      this.#news.unlisten(key.fingerprint, ear)
    }
  }

  async stats (project?: string): Promise<AnswerStats> {
    let [answers, bytes] = [0, 0]
    await answered(forEachBatch(this.#redis, patterns.answers(project), async (node, keys) => {
      const lengths = await Promise.all(keys.map(key => node.strlen(key)))
      answers += lengths.length
      bytes += lengths.reduce((sum, length) => sum + length, 0)
    }))
    return { answers, bytes }
  }

  /** Leases first: a leader that has lost its lease stores nothing, and what it stored before is there for the second pass. */
  async purge (project: string): Promise<number> {
    await this.#unlink(patterns.flights(project))
    return await this.#unlink(patterns.answers(project))
  }

  async close (): Promise<void> {
    this.#news.close()
    this.#redis.disconnect()
  }

  /** Null while the flight is under way. */
  async #look (key: AnswerKey): Promise<Awaited | null> {
    const [flight, sealed] = await answered(this.#redis.mgetBuffer(keys.flight(key), keys.answer(key)))
    if (flight?.toString() === 'failed') return { is: 'failed' }
    if (flight != null) return null
    const answer = sealed == null ? null : await this.#seal.open(key, sealed)
    return answer === null ? { is: 'vacant' } : { is: 'stored', answer }
  }

  async #unlink (pattern: string): Promise<number> {
    let count = 0
    await answered(forEachBatch(this.#redis, pattern, async (node, keys) => { count += await node.unlink(keys) }))
    return count
  }
}
