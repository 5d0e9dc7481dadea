import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startSetting } from './start.ts'

const examples = new URL('../fixtures/vendor-examples/', import.meta.url)
/** Debian's Python: it has the package `requests`. */
const interpreters: Record<string, string> = { py: '/usr/bin/python3', mjs: process.execPath }

for (const endpoint of ['chat-completions', 'responses']) {
  for (const [ending, interpreter] of Object.entries(interpreters)) {
    t.test(`${endpoint}.${ending}`, async t => {
      const { gateway, demo } = await startSetting(t)
      const published = await readFile(new URL(`${endpoint}.${ending}`, examples), 'utf8')
      const file = join(t.testdir(), `example.${ending}`)
      await writeFile(file, published.replace('https://api.aimlapi.com/v1', gateway.baseUrl).replaceAll('<YOUR_AIMLAPI_KEY>', gateway.key))
      const { stdout } = await promisify(execFile)(interpreter, [file])
      const answer = JSON.parse(stdout)
      t.equal(answer.model, 'gpt-4-0125-preview')
      t.equal(answer.object, endpoint === 'responses' ? 'response' : 'chat.completion')
      t.equal(demo.requests.length, 1)
    })
  }
}
