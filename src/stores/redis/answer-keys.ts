import { Cluster } from 'ioredis'
import type { Redis } from 'ioredis'
import type { AnswerKey } from '../answer-store.ts'
import type { RedisClient } from './client.ts'

/** All of a project's keys in one slot, so that a script may use several. */
export const keys = {
  answer: ({ project, fingerprint }: AnswerKey): string => `tg:{${project}}:answer:${fingerprint}`,
  flight: ({ project, fingerprint }: AnswerKey): string => `tg:{${project}}:answer-flight:${fingerprint}`
}

/** Patterns for SCAN: of one project, or of all. */
export const patterns = {
  answers: (project?: string): string => `tg:{${project === undefined ? '*' : literal(project)}}:answer:*`,
  flights: (project: string): string => `tg:{${literal(project)}}:answer-flight:*`
}

/**
 * Does something with every batch of keys that fit a pattern, and the node that holds them. Redis goes on serving meanwhile.
 * A key that is there all the time comes at least once (redis.io, SCAN).
 */
export async function forEachBatch (redis: RedisClient, pattern: string, work: (node: Redis, keys: string[]) => Promise<void>): Promise<void> {
  for (const node of redis instanceof Cluster ? redis.nodes('master') : [redis]) {
    for await (const keys of node.scanStream({ match: pattern, count: 1000 })) {
      if (keys.length > 0) await work(node, keys)
    }
  }
}

function literal (text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&')
}
