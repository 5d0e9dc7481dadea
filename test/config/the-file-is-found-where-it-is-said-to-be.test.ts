import { join } from 'node:path'
import { test } from 'tap'
import { ConfigError, loadConfig } from '../../src/config/load.ts'

const files = {
  'tollgate.yaml': 'data_dir: /from-the-folder',
  'variable.yaml': 'data_dir: /from-the-variable',
  'option.yaml': 'data_dir: /from-the-option',
  conf: { 'bad.yaml': 'listen: 1' }
}

test('--config comes before TOLLGATE_CONFIG, and that before ./tollgate.yaml', async (t) => {
  const cwd = t.testdir(files)
  const env = { TOLLGATE_CONFIG: 'variable.yaml' }
  t.equal((await loadConfig({ env, cwd, file: 'option.yaml' })).data_dir, '/from-the-option')
  t.equal((await loadConfig({ env, cwd })).data_dir, '/from-the-variable')
  t.equal((await loadConfig({ env: { TOLLGATE_CONFIG: '' }, cwd })).data_dir, '/from-the-folder')
})

test('a file that was asked for and is not there is a fault', async (t) => {
  const cwd = t.testdir(files)
  await t.rejects(loadConfig({ env: {}, cwd, file: 'missing.yaml' }), new ConfigError(['missing.yaml: cannot be read (ENOENT)']))
  await t.rejects(loadConfig({ env: { TOLLGATE_CONFIG: 'conf' }, cwd }), new ConfigError(['conf: cannot be read (EISDIR)']))
  await t.rejects(loadConfig({ env: {}, cwd, file: '.' }), new ConfigError([`${cwd}: cannot be read (EISDIR)`]))
})

test('messages name the file from the working directory, and in full outside of it', async (t) => {
  const cwd = t.testdir(files)
  const fault = '1:9 listen: must be host:port such as 127.0.0.1:8080 or [::1]:8080, not 1'
  await t.rejects(loadConfig({ env: {}, cwd, file: 'conf/bad.yaml' }), new ConfigError([`conf/bad.yaml:${fault}`]))
  const outside = join(cwd, 'elsewhere')
  await t.rejects(loadConfig({ env: {}, cwd: outside, file: '../conf/bad.yaml' }), new ConfigError([`${join(cwd, 'conf/bad.yaml')}:${fault}`]))
})
