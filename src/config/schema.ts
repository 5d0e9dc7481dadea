import Type, { type Static } from 'typebox'
import { OrganizationSchema, PricesSchema, TeamsSchema } from './teams-schema.ts'
import { address, duration, integer, number, optionalSecret, settingOf, size, text, workers, type Setting } from './setting.ts'

/**
 * The one statement of every setting: name, type, default, bounds, meaning. Types, validation, defaults and
 * docs/configuration.md all follow from it. Names are the same in the file and in the code; durations are kept
 * in milliseconds and sizes in bytes.
 */

const closed = { additionalProperties: false } as const
/** Below the longest string of V8, 2^29 - 24 characters: bodies are read as text. */
const largestText = 256 * 1024 ** 2
/** Names that end up in logs, metrics and headers. */
const word = { pattern: '^[A-Za-z0-9_.-]{1,64}$', allowed: 'letters, digits and . _ -, at most 64' }

const Key = Type.Object({
  value: text('upstream_key', { description: 'The API key. Better by reference: `${AIMLAPI_API_KEY}` or `file:/run/secrets/aimlapi`.', minLength: 1 }),
  weight: integer({ description: 'Share of the requests, relative to the other keys of the upstream.', default: 1, minimum: 1, maximum: 1000 }),
  name: Type.String({ description: 'What logs and metrics call the key.', derived: 'its place in the list: `key-1`, `key-2`, …', ...word })
}, closed)

const Upstream = Type.Object({
  base_url: text('base_url', { description: 'Where the provider\'s API begins, such as `https://api.aimlapi.com/v1`, or `demo` for the built-in offline provider.' }),
  keys: Type.Array(Key, { description: 'The provider\'s keys. Requests are spread over them by weight.', default: [] }),
  headers: Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,128}$' }), text('header', { description: 'The value, which may be a reference, as with keys.' }), { allowed: 'letters, digits and hyphens', description: 'Extra fixed request headers.', default: {} }),
  timeouts: Type.Object({
    connect: duration({ description: 'As `timeouts.connect`, for this upstream.', derived: '`timeouts.connect`', maximum: 60_000 }),
    first_byte: duration({ description: 'As `timeouts.first_byte`, for this upstream.', derived: '`timeouts.first_byte`' }),
    idle: duration({ description: 'As `timeouts.idle`, for this upstream.', derived: '`timeouts.idle`' })
  }, closed)
}, closed)

const Model = Type.Object({
  upstream: Type.String({ description: 'The upstream that serves the model.', derived: '`default_upstream`' }),
  model: Type.Optional(Type.String({ description: 'The model\'s id at the upstream. Without one, the id that the caller sent. In the entry of a pattern, `*` stands for what the pattern\'s `*` stood for.', minLength: 1 })),
  fallbacks: Type.Array(Type.String(), { description: 'Public names of the models to try, in order, when this one\'s upstream fails before its first byte. Fallbacks of fallbacks are not followed.', default: [] })
}, closed)

export const ConfigSchema = Type.Object({
  listen: address({ description: 'The public listener: the OpenAI-compatible API. Port 0 takes any free port.', default: '127.0.0.1:8080', env: 'TOLLGATE_LISTEN' }),
  operator_listen: address({ description: 'The operator listener: admin API, live view, `/metrics`, `/livez`, `/readyz`. Never expose it to callers.', default: '127.0.0.1:9090', env: 'TOLLGATE_OPERATOR_LISTEN' }),
  trust_proxy: Type.Array(text('cidr', { description: 'An address or a CIDR block.' }), { description: 'Proxies whose `X-Forwarded-For` is believed.', default: [] }),

  data_dir: Type.String({ description: 'Folder of the SQLite file, the spool and the generated pepper.', default: './data', env: 'TOLLGATE_DATA_DIR', minLength: 1 }),
  store: text('store', { description: 'Where projects, keys, limits and the ledger live: `sqlite:PATH`, `redis://…`, `rediss://…`, `redis+sentinel://…` or `redis+cluster://…`.', derived: '`sqlite:<data_dir>/tollgate.db`', env: 'TOLLGATE_STORE' }),
  answers_store: text('store', { description: 'Where reproducible answers live, in the same forms.', derived: '`store`', env: 'TOLLGATE_ANSWERS_STORE' }),
  workers: workers({ description: 'Number of processes, or `auto` for one a core. More than one needs Redis as `store`.', default: 1, minimum: 1, maximum: 256, env: 'TOLLGATE_WORKERS' }),
  otlp_endpoint: Type.Optional(text('url', { description: 'The OpenTelemetry collector that gets traces, OTLP over HTTP: its base URL, without `/v1/traces`. Without one, nothing is traced.', env: 'OTEL_EXPORTER_OTLP_ENDPOINT' })),
  log_level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], { description: 'The least severe level that is logged.', default: 'info', env: 'LOG_LEVEL' }),

  admin_key: optionalSecret('secret', { description: 'The admin key of the operator listener. Without one, a key is made and printed once.', env: 'TOLLGATE_ADMIN_KEY', minLength: 32 }),
  bootstrap_key: optionalSecret('gateway_key', { description: 'A key of the project `default` to create at the first start; `tollgate keys new` prints one. Without one, a key is made and printed once.', env: 'TOLLGATE_BOOTSTRAP_KEY' }),
  pepper: optionalSecret('pepper', { description: 'The secret under which keys are hashed; the same on every replica. Without one, it is generated into `data_dir`.', env: 'TOLLGATE_PEPPER', minLength: 16 }),

  upstreams: Type.Record(Type.String(word), Upstream, { allowed: word.allowed, description: 'The providers, by a name of your choice.', derived: 'with `AIMLAPI_API_KEY` set, one upstream `aimlapi`; else one upstream `demo`' }),
  default_upstream: Type.String({ description: 'The upstream of models that name none, and of models that no entry names.', derived: 'the first of `upstreams`' }),
  models: Type.Record(Type.String({ pattern: '^[^\\s*]{0,255}[^\\s]$' }), Model, { allowed: 'no spaces, and * only at the end', description: 'Public model names, or patterns that end in `*`. A request\'s model is looked up by name, then by the longest matching pattern; where nothing matches, the id goes to `default_upstream` as it is.', default: {} }),

  timeouts: Type.Object({
    connect: duration({ description: 'Connecting to an upstream, TLS included.', default: '5s', maximum: 60_000 }),
    first_byte: duration({ description: 'From the sent request to the first byte of the answer.', default: '120s' }),
    idle: duration({ description: 'Between two pieces of an answer.', default: '120s' }),
    total: duration({ description: 'A whole request, retries included.', default: '15m' }),
    write_stall: duration({ description: 'A client that reads nothing for so long is disconnected.', default: '60s' }),
    abort_drain: duration({ description: 'With `on_abort: drain`: how long an answer is read on after its client left.', default: '30s' })
  }, closed),
  on_abort: Type.Enum(['cancel', 'drain'], { description: 'When a client leaves in the middle of an answer: `cancel` closes the upstream at once and bills what was sent; `drain` reads on, so that the bill is exact, up to 64 answers at a time and process.', default: 'cancel' }),
  retries: Type.Object({
    budget: number({ description: 'Most retries, as a share of the requests.', default: 0.2, minimum: 0, maximum: 1 })
  }, closed),
  breaker: Type.Object({
    failures: integer({ description: 'Consecutive failures after which an upstream is given a pause.', default: 5, minimum: 1, maximum: 1000 }),
    probe_interval: duration({ description: 'How often a paused upstream is tried.', default: '500ms', maximum: 600_000 })
  }, closed),

  organization: OrganizationSchema,
  projects: TeamsSchema,
  prices: PricesSchema,

  metering: Type.Object({
    time_zone: text('time_zone', { description: 'The time zone of the calendar months that spend limits are for, an IANA name.', default: 'UTC', minLength: 1 }),
    default_max_output_tokens: integer({ description: 'Output tokens that are reserved for a request that sets no cap itself.', default: 4096, minimum: 1, maximum: 10_000_000 }),
    durability: Type.Enum(['process', 'power'], { description: 'What a row in SQLite survives: `process`, the death of the process; `power`, also a loss of power, at the price of waiting for the disk.', default: 'process' })
  }, closed),

  answers: Type.Object({
    ttl: duration({ description: 'How long a reproducible answer is kept.', default: '30d', maximum: 3650 * 86_400_000 }),
    lease: duration({ description: 'A replica that fetches an answer for all who wait, and says nothing for so long, is taken for dead.', default: '10s', minimum: 500, maximum: 600_000 }),
    wait: duration({ description: 'Longest wait for an answer that somebody else is fetching.', default: '120s' }),
    max_answer_bytes: size({ description: 'Largest answer that is kept.', default: '2MiB', maximum: 64 * 1024 ** 2 }),
    max_bytes: size({ description: 'Most bytes of answers in SQLite, as stored; the longest unused go first. Redis has its own memory policy.', default: '1GiB', maximum: 1024 ** 4 }),
    hot_bytes: size({ description: 'Answers held in memory by each process.', default: '32MiB', maximum: 4 * 1024 ** 3 })
  }, closed),

  body: Type.Object({
    max_bytes: size({ description: 'Largest request body.', default: '20MiB', minimum: 1024, maximum: largestText }),
    max_depth: integer({ description: 'Deepest nesting of objects and arrays in a request body.', default: 128, minimum: 8, maximum: 10_000 }),
    max_tokens: integer({ description: 'Most values and keys in a request body.', default: 250_000, minimum: 1000, maximum: 10_000_000 })
  }, closed),
  stream: Type.Object({
    keep_alive: duration({ description: 'A silent stream gets an SSE comment so often, so that proxies do not cut it.', default: '15s', minimum: 100 }),
    max_event_bytes: size({ description: 'Largest single event of a stream.', default: '16MiB', minimum: 1024, maximum: largestText })
  }, closed),
  response: Type.Object({
    max_bytes: size({ description: 'Largest answer of an upstream that is not a stream.', default: '64MiB', minimum: 1024, maximum: largestText })
  }, closed),
  door: Type.Object({
    max: integer({ description: 'Requests without a good key that one client address may send in a window. Beyond it, the address is refused with 429, except for keys that have been good before. A guard against guessing and floods, not a quota.', default: 6000, minimum: 1, maximum: 100_000_000 }),
    window: duration({ description: 'The window of `door.max`.', default: '1m', minimum: 1000 })
  }, closed),
  overload: Type.Object({
    max_in_flight: integer({ description: 'Most requests at a time. More are refused with 503 `overloaded`. A waiting stream takes about 64 KB of memory.', default: 10_000, minimum: 1, maximum: 1_000_000 }),
    max_loop_delay: duration({ description: 'While the event loop, or the beginning of a request, is later than this on average, new requests are refused with 503 `overloaded`, so that those in flight can end.', default: '250ms' })
  }, closed),
  drain: Type.Object({
    delay: duration({ description: 'Between `/readyz` turning 503 and the listener closing: time for load balancers to notice.', default: '5s', minimum: 0 }),
    deadline: duration({ description: 'How long a shutdown waits for requests in flight before it cuts them.', default: '120s' })
  }, closed)
}, closed)

/** The same statement, for those who go through it. */
export const configSetting: Setting = settingOf(ConfigSchema)

/** The settings while they are put together. */
export type Settings = Static<typeof ConfigSchema>

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** The settings as the program uses them: complete, checked and deeply frozen. */
export type Config = DeepReadonly<Settings>
export type UpstreamConfig = Config['upstreams'][string]
export type ModelConfig = Config['models'][string]
