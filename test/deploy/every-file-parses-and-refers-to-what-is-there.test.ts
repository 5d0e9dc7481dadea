import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { compose, documents, read, root, yamlFiles } from './files.ts'

test('every YAML file parses', async t => {
  t.ok(yamlFiles().length > 10)
  for (const path of yamlFiles()) t.doesNotThrow(() => documents(read(path)), path)
})

test('docker-compose.yml names only services, volumes, networks and configs that it has', async t => {
  const { services, configs, volumes, networks } = compose()
  for (const [name, service] of Object.entries(services)) {
    for (const { source } of service.configs ?? []) t.ok(source in configs, `${name}: config ${source}`)
    for (const other of Object.keys(service.depends_on ?? {})) t.ok(other in services, `${name} depends on ${other}`)
    for (const network of [Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? {})].flat()) t.ok(String(network) in networks, `${name}: network ${String(network)}`)
    for (const volume of (service as { volumes?: string[] }).volumes ?? []) t.ok(volume.startsWith('/') || String(volume.split(':')[0]) in volumes, `${name}: volume ${volume}`)
  }
  for (const [name, { file, content }] of Object.entries(configs)) {
    if (file !== undefined) t.ok(existsSync(root + file), `${name}: ${file}`)
    else t.doesNotThrow(() => documents(content ?? '\t'), name)
  }
  const used = new Set(Object.values(services).flatMap(({ configs: list = [] }) => list.map(({ source }) => source)))
  t.same(Object.keys(configs).filter(name => !used.has(name)), [], 'no config is left over')
})

test('every kustomization lists files that are there, and leaves none out', async t => {
  interface Kustomization { resources: string[], configMapGenerator?: Array<{ files: string[] }> }
  for (const path of yamlFiles().filter(name => name.endsWith('kustomization.yaml'))) {
    const [{ resources, configMapGenerator = [] }] = documents<Kustomization>(read(path)) as [Kustomization]
    const listed = [...resources, ...configMapGenerator.flatMap(({ files }) => files)]
    for (const name of listed) t.ok(existsSync(join(root, dirname(path), name)), `${path}: ${name}`)
    const beside = yamlFiles().filter(name => dirname(name) === dirname(path) && name !== path)
    t.same(beside.filter(name => !listed.includes(name.slice(dirname(path).length + 1))), [], `${path} lists all`)
  }
})

test('the image is built from what .dockerignore lets in', async t => {
  const allowed = read('.dockerignore').split('\n').filter(line => line.startsWith('!')).map(line => line.slice(1))
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '))
  t.same(copied.sort(), allowed.sort())
  for (const name of copied) t.ok(existsSync(root + name), name)
})
