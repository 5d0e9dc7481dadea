import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { cliArgs, startProcess } from '../helpers/process.ts'

const environment = (folder: string): Record<string, string> => ({
  TOLLGATE_DATA_DIR: folder,
  TOLLGATE_LISTEN: '127.0.0.1:0',
  TOLLGATE_OPERATOR_LISTEN: '127.0.0.1:0'
})

t.test('on a terminal: ready time, base URL, the first key once, a curl line, an SDK line', async t => {
  const folder = t.testdir()
  const command = ['exec', process.execPath, ...cliArgs, 'serve'].join(' ')
  const first = startProcess(t, 'script', ['-qec', command, '/dev/null'], environment(folder))
  const [curl] = await first.says(/^ *curl .*$/m)
  const gateway = childOf(first.process.pid ?? 0)
  t.teardown(() => { process.kill(gateway, 'SIGKILL') })
  t.match(first.output, /ready in \d+\.\d s/)
  t.match(first.output, /API +http:\/\/127\.0\.0\.1:\d+\/v1/)
  t.match(first.output, /Key +sk-tg_\w+ +\(shown once\)/)
  t.match(first.output, /new OpenAI\(/)

  const { stdout } = await promisify(execFile)('sh', ['-c', `${curl.trim()} --silent`])
  t.match(JSON.parse(stdout), { object: 'chat.completion', choices: [{ message: { role: 'assistant', content: String } }] })
})

t.test('on a pipe: JSON lines only, the keys among them once', async t => {
  const folder = t.testdir()
  const start = () => startProcess(t, process.execPath, [...cliArgs, 'serve'], environment(folder))
  const first = start()
  await first.says(/"first start".*\n/)
  await first.says(/"listening".*\n/)
  const lines = first.output.trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
  t.match(lines.find(line => line['msg'] === 'listening'), { public: /^http:/, operator: /^http:/ })
  t.match(lines.find(line => line['msg'] === 'first start'), { key: /^sk-tg_/, admin_key: /^sk-tgadmin_/ })
  first.process.kill('SIGTERM')
  t.equal(await first.exit(), 0, 'SIGTERM drains and ends well')

  const second = start()
  await second.says(/"listening"/)
  second.process.kill('SIGTERM')
  await second.exit()
  t.notMatch(second.output, 'sk-tg_', 'the key is not shown again')
})

/** `script` gives its command a session of its own: no signal of ours would reach it through `script`. */
function childOf (pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
}
