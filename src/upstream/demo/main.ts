import { parseArgs } from 'node:util'
import { startDemoUpstream } from '../demo.ts'

/**
 * The demo upstream as a process of its own. Prints one JSON line when it serves: `{"msg":"listening","url":"http://…/v1"}`.
 * Ends on SIGTERM and SIGINT.
 */
const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    key: { type: 'string' },
    'word-delay': { type: 'string', default: '0' },
    remember: { type: 'string', default: '200000' }
  }
})

const demo = await startDemoUpstream({
  host: values.host,
  port: Number(values.port),
  ...values.key === undefined ? {} : { key: values.key },
  wordDelayMs: Number(values['word-delay']),
  remember: Number(values.remember)
})
process.once('SIGTERM', demo.close).once('SIGINT', demo.close)
process.stdout.write(`${JSON.stringify({ msg: 'listening', url: demo.url })}\n`)
