/**
 * The error bodies that AIMLAPI has been seen to send. None of them is OpenAI's, which is why the demo sends them:
 * a gateway must translate all of them.
 */

/** An error answer: everything but who gets it. */
export interface Problem {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Who failed where. */
export interface Occasion {
  readonly requestId: string
  readonly path: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The documented shape. `statusCode` is a string there. */
export function documentedProblem (status: number, message: string, at: Occasion): Problem {
  return json(status, { message, path: at.path, requestId: at.requestId, statusCode: String(status), timestamp: timestamp(at) })
}

/** The shape of a body that fails validation: a tree of errors under `meta`. */
export function validationProblem (parameter: string, message: string, at: Occasion): Problem {
  return json(400, {
    requestId: at.requestId,
    statusCode: 400,
    timestamp: timestamp(at),
    path: at.path,
    meta: { _errors: [], [parameter]: { _errors: [message] } },
    message: 'Body validation error!'
  })
}

/** The shape seen live in 2026: `application/problem+json`, with an `error` that is an object, yet not OpenAI's. */
export function namedProblem (status: number, title: string, message: string, at: Occasion): Problem {
  const name = `${title.replaceAll(' ', '')}Exception`
  const body = { title, status, message, instance: at.path, requestId: at.requestId, timestamp: timestamp(at), error: { name, message } }
  return { ...json(status, body), contentType: 'application/problem+json; charset=utf-8' }
}

function json (status: number, body: object): Problem {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) }
}

function timestamp (at: Occasion): string {
  return new Date(at.now).toISOString()
}
