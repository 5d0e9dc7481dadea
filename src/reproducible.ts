import type { FastifyBaseLogger } from 'fastify'
import { answerSecrets } from './answers/secrets.ts'
import type { Reproducible } from './app.ts'
import type { Config } from './config/schema.ts'
import { openAnswers } from './stores/open-answers.ts'

/** Opens the answers that the configuration names. A store that fails later costs hits, never requests. */
export async function openReproducible ({ answers: settings, answers_store: address }: Config, pepper: string, logger: FastifyBaseLogger): Promise<Reproducible> {
  const secrets = answerSecrets(pepper)
  const answers = await openAnswers(address, {
    ttl: settings.ttl,
    lease: settings.lease,
    wait: settings.wait,
    hotBytes: settings.hot_bytes,
    maxAnswerBytes: settings.max_answer_bytes,
    maxBytes: settings.max_bytes,
    secret: secrets.seal,
    listener: {
      onFailure: (operation, error) => { logger.debug({ err: error, operation }, 'the answer store failed') },
      onChange: available => { logger.warn({ available }, available ? 'the answer store is back' : 'the answer store is away') }
    },
    onError: error => { logger.debug({ err: error }, 'the answer store\'s connection failed') }
  })
  return { answers, secret: secrets.fingerprint, maxAnswerBytes: settings.max_answer_bytes }
}
