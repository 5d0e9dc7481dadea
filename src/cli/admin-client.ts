import { CommandError } from './command-error.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** A page of OpenAI's lists. */
interface ObjectPage<Item> {
  readonly data: readonly Item[]
  readonly last_id: string
  readonly has_more: boolean
}

/** A page of OpenAI's buckets. */
interface BucketPage<Bucket> {
  readonly data: readonly Bucket[]
  readonly next_page: string | null
}

/** One of a stream of server-sent events. */
export interface Event {
  readonly id: string
  readonly data: string
}

const defaultUrl = 'http://127.0.0.1:9090'
/** ms; a stream has a comment every 15 s at least. */
const longestSilence = 60_000
/** ms; the admin API answers from memory or from its store. */
const deadline = 30_000

/** The admin API of a running gateway. Every failure is a CommandError. */
export class AdminClient {
  readonly #url: string
  readonly #key: string

  constructor (url: string, key: string) {
    this.#url = url.replace(/\/+$/, '').replace(/\/v1$/, '')
    this.#key = key
  }

  get<Answer> (path: string, query: Query = {}): Promise<Answer> {
    return this.#send('GET', path, query)
  }

  post<Answer> (path: string, body: object = {}): Promise<Answer> {
    return this.#send('POST', path, {}, body)
  }

  delete<Answer> (path: string, query: Query = {}): Promise<Answer> {
    return this.#send('DELETE', path, query)
  }

  /** Every object of a list, page by page; at most `most`. */
  async list<Item> (path: string, query: Query = {}, most = Infinity): Promise<Item[]> {
    const items: Item[] = []
    let after: string | undefined
    do {
      const page: ObjectPage<Item> = await this.get(path, { ...query, limit: Math.min(100, most - items.length), after })
      items.push(...page.data)
      after = page.has_more ? page.last_id : undefined
    } while (after !== undefined && items.length < most)
    return items
  }

  /** Every bucket of a span. */
  async buckets<Bucket> (path: string, query: Query): Promise<Bucket[]> {
    const buckets: Bucket[] = []
    let page: string | undefined
    do {
      const answer: BucketPage<Bucket> = await this.get(path, { ...query, page })
      buckets.push(...answer.data)
      page = answer.next_page ?? undefined
    } while (page !== undefined)
    return buckets
  }

  /** A stream of events, until the gateway ends it. @param after the id of the last one that is known, or '' */
  async * events (path: string, after: string): AsyncGenerator<Event> {
    const { request } = await import('undici')
    const { statusCode, body } = await request(this.#url + path, {
      headers: { authorization: `Bearer ${this.#key}`, ...(after !== '' && { 'last-event-id': after }) },
      headersTimeout: deadline,
      bodyTimeout: longestSilence
    }).catch((cause: unknown) => { throw this.#unreachable(cause) })
    if (statusCode !== 200) throw this.#refusal(statusCode, readJson(await body.text()))
    let text = ''
    try {
      for await (const piece of body.setEncoding('utf8')) {
        const blocks = (text + String(piece)).split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks.filter(block => !block.startsWith(':'))) yield { id: field(block, 'id'), data: field(block, 'data') }
      }
    } catch (cause) {
      throw this.#unreachable(cause)
    }
  }

  async #send<Answer> (method: 'GET' | 'POST' | 'DELETE', path: string, query: Query, body?: object): Promise<Answer> {
    const { request } = await import('undici')
    const answer = await request(this.#url + path + printQuery(query), {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headersTimeout: deadline,
      bodyTimeout: deadline
    }).catch((cause: unknown) => { throw this.#unreachable(cause) })
    const text = await answer.body.text().catch((cause: unknown) => { throw this.#unreachable(cause) })
    const value = readJson(text)
    if (answer.statusCode >= 300) throw this.#refusal(answer.statusCode, value)
    if (value === undefined) throw this.#elsewhere()
    return value as Answer
  }

  #refusal (status: number, answer: unknown): CommandError {
    const { error } = (answer ?? {}) as { readonly error?: { readonly message?: string, readonly code?: string } }
    if (error?.code === 'unknown_url') return this.#elsewhere()
    const message = (error?.message ?? `the gateway answered with status ${status}`).replaceAll('\n', ' ')
    return new CommandError(status === 401 ? `${message} Check TOLLGATE_ADMIN_KEY` : message)
  }

  #elsewhere (): CommandError {
    return new CommandError(`${this.#url} does not answer like the operator listener of a gateway. TOLLGATE_ADMIN_URL names it, such as ${defaultUrl}`)
  }

  #unreachable (cause: unknown): CommandError {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    return new CommandError(`no gateway answers at ${this.#url} (${reason}). Start one with: tollgate serve; or set TOLLGATE_ADMIN_URL to its operator listener`, { cause })
  }
}

/** The gateway that the environment names. */
export function adminClient (): AdminClient {
  const key = process.env['TOLLGATE_ADMIN_KEY']
  if (!key) throw new CommandError('TOLLGATE_ADMIN_KEY is not set. Set it to the admin key that the gateway\'s first start printed, or was given')
  if (!/^[\x21-\x7e]+$/.test(key)) throw new CommandError('TOLLGATE_ADMIN_KEY is no admin key: it has spaces or other characters that none has. They begin with "sk-tgadmin_"')
  return new AdminClient(operatorUrl(process.env['TOLLGATE_ADMIN_URL'] || defaultUrl), key)
}

function operatorUrl (written: string): string {
  if (!/^https?:$/.test(URL.parse(written)?.protocol ?? '')) throw new CommandError(`TOLLGATE_ADMIN_URL must be an http:// or https:// URL such as ${defaultUrl}`)
  return written
}

function printQuery (query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)])
  return given.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(given)).toString()}`
}

/** Of an event as the gateway writes them: each field once, on a line of its own. */
function field (block: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
}

function readJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
