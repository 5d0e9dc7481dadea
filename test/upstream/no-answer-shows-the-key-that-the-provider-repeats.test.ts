import t from 'tap'
import { chat, chatChunk, completion, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { startGateway } from '../helpers/gateway.ts'

const upstreamKey = '0123456789abcdef0123456789abcdef'
const message = `Token ${upstreamKey} may not use this`
const failedResponse = { id: 'resp_1', object: 'response', status: 'failed', error: { code: 'server_error', message }, output: [], usage: null }

function event (data: { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify({ sequence_number: 0, ...data })}\n\n`
}

interface Case {
  readonly path: string
  readonly body: Record<string, unknown>
  /** A string is a stream. */
  readonly answer: string | object
  /** What is passed on all the same. */
  readonly keeps: RegExp
}

const response = { model: 'm', input: 'Hi', store: false }
const cases: Record<string, Case> = {
  'a response that failed, in a stream': {
    path: '/responses',
    body: { ...response, stream: true },
    answer: event({ type: 'response.created' }) + event({ type: 'response.failed', ...{ response: failedResponse } }),
    keeps: /event: response.failed\ndata: .*Token \[key\] may not use this/
  },
  'an error event of a response': {
    path: '/responses',
    body: { ...response, stream: true },
    answer: event({ type: 'error', ...{ message } }),
    keeps: /Token \[key\] may not use this/
  },
  'an error in a chat stream': {
    path: '/chat/completions',
    body: chat({ stream: true }),
    answer: `${chatChunk('é')}data: ${JSON.stringify({ error: { message: `é ${message}` } })}\n\n`,
    keeps: /é Token \[key\] may not use this/
  },
  'a response that failed, as JSON': { path: '/responses', body: response, answer: failedResponse, keeps: /Token \[key\] may not use this/ },
  'a completion that is none': { path: '/chat/completions', body: chat(), answer: { ...completion, warning: message }, keeps: /Token \[key\] may not use this/ }
}

for (const [name, { path, body, answer, keeps }] of Object.entries(cases)) {
  t.test(name, async t => {
    const provider = await startProvider(t, ({ response }) => {
      if (typeof answer !== 'string') {
        sendJson(response, answer)
        return
      }
      openStream(response)
      response.end(answer)
    })
    const gateway = await startGateway(t, { upstream: provider.url, upstreamKey })
    const text = await (await gateway.fetch(path, { body })).text()
    t.match(text, keeps)
    t.notOk(text.includes(upstreamKey))
  })
}
