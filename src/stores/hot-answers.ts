import { LRUCache } from 'lru-cache'
import type { Answer, AnswerKey } from './answer-store.ts'

interface HotAnswer {
  readonly project: string
  readonly answer: Answer
}

/** What an entry weighs besides its body, in bytes: key, objects and bookkeeping (measured). */
const overhead = 500
/** How long an answer that another replica has purged or replaced may still be given out here, ms. */
const freshFor = 10_000

/** Answers that were given out a moment ago, opened: no store, no decryption. */
export class HotAnswers {
  readonly #answers: LRUCache<string, HotAnswer>

  /** @param maxBytes bound of all of them; a larger answer is not kept */
  constructor (maxBytes: number) {
    this.#answers = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ answer }) => answer.body.length + overhead, ttl: freshFor })
  }

  get ({ project, fingerprint }: AnswerKey): Answer | null {
    const hot = this.#answers.get(fingerprint)
    return hot?.project === project ? hot.answer : null
  }

  set ({ project, fingerprint }: AnswerKey, answer: Answer): void {
    this.#answers.set(fingerprint, { project, answer })
  }

  purge (project: string): void {
    for (const [fingerprint, hot] of this.#answers.entries()) {
      if (hot.project === project) this.#answers.delete(fingerprint)
    }
  }
}
