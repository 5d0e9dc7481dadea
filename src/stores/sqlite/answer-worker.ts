import { readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { AnswerFile } from './answer-file.ts'
import { answerCalls } from './database-thread.ts'
import { Database } from './database.ts'

const schema = readFileSync(new URL('./answer-schema.sql', import.meta.url), 'utf8')
const file = new AnswerFile(new Database(String(workerData), schema, 'the answer store'))

answerCalls((name, args) => {
  const call = file[name as keyof AnswerFile] as (...args: readonly unknown[]) => unknown
  return Reflect.apply(call, file, args)
})
