import { test } from 'tap'
import { mallocOfTheImage } from '../../bench/stand/gateway.ts'
import { loadConfig } from '../../src/config/load.ts'
import { configSetting } from '../../src/config/schema.ts'
import { startGateway } from '../helpers/gateway.ts'
import { compose, documents, read, yamlFiles } from './files.ts'

interface Container {
  readonly env: ReadonlyArray<{ readonly name: string, readonly value: string }>
  readonly ports: ReadonlyArray<{ readonly name: string, readonly containerPort: number }>
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly startupProbe: Probe
  readonly securityContext: object
}

interface Probe { readonly httpGet: { readonly path: string, readonly port: string } }

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly terminationGracePeriodSeconds: number, readonly securityContext: object, readonly containers: readonly [Container] } } }
}

const kubernetes = 'deploy/kubernetes/base'
const [{ spec: { template: { spec: pod } } }] = documents<Deployment>(read(`${kubernetes}/deployment.yaml`)) as [Deployment]
const [container] = pod.containers
const [secret] = documents<{ stringData: Record<string, string> }>(read(`${kubernetes}/secret.yaml`))
const dockerfile = read('Dockerfile')
const imageEnv = Object.fromEntries([...dockerfile.matchAll(/\b(TOLLGATE_[A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]))
const ports = { public: '8080', operator: '9090' }

test('every variable is one that the program reads', async t => {
  const known = new Set(['TOLLGATE_CONFIG', ...Object.values(configSetting.properties ?? {}).flatMap(({ env }) => env ?? [])])
  const read = [
    ...Object.keys(imageEnv),
    ...Object.keys(compose().services['gateway']?.environment ?? {}),
    ...container.env.map(({ name }) => name),
    ...Object.keys(secret?.stringData ?? {})
  ]
  t.ok(read.length > 10)
  // The default upstream's variables are no settings of their own.
  for (const name of read) t.ok(known.has(name) || name === 'AIMLAPI_API_KEY', name)
})

test('the configurations are such that a gateway starts with them', async t => {
  const env = { AIMLAPI_API_KEY: 'key', TOLLGATE_PEPPER: '8f14e45fceea167a5a36dedd4bea2543' }
  const inline = compose().configs['tollgate']?.content ?? ''
  for (const text of [read(`${kubernetes}/tollgate.yaml`), inline]) {
    const config = await loadConfig({ env, cwd: t.testdir({ 'tollgate.yaml': text }) })
    t.ok(config.trust_proxy.length > 0)
  }
})

test('unfilled secrets do not start', async t => {
  const env = { ...secret?.stringData }
  await t.rejects(loadConfig({ env, cwd: t.testdir({ 'tollgate.yaml': read(`${kubernetes}/tollgate.yaml`) }) }), /TOLLGATE_PEPPER.*must not be empty/s)
  for (const name of ['TOLLGATE_PEPPER', 'TOLLGATE_ADMIN_KEY']) t.match(compose().services['gateway']?.environment?.[name], /^\$\{TOLLGATE_\w+:\?.+\}$/)
})

test('everyone means the same two ports, and the probes\' routes', async t => {
  t.equal(imageEnv['TOLLGATE_LISTEN'], `0.0.0.0:${ports.public}`)
  t.equal(imageEnv['TOLLGATE_OPERATOR_LISTEN'], `0.0.0.0:${ports.operator}`)
  t.match(dockerfile, `EXPOSE ${ports.public} ${ports.operator}`)
  t.same(container.ports.map(({ containerPort }) => String(containerPort)), [ports.public, ports.operator])
  const haproxy = read('deploy/haproxy/haproxy.cfg')
  t.match(haproxy, `check port ${ports.operator}`)
  t.match(haproxy, `gateways:${ports.public}`)
  t.match(compose().configs['prometheus']?.content, `port: ${ports.operator}`)

  const gateway = await startGateway(t)
  const probes = [container.livenessProbe, container.readinessProbe, container.startupProbe]
  for (const { httpGet } of probes) t.equal(httpGet.port, 'operator')
  const paths = [...probes.map(({ httpGet }) => httpGet.path), /uri (\S+)/.exec(haproxy)?.[1] ?? '', '/metrics']
  for (const path of paths) t.equal((await fetch(gateway.operatorUrl + path)).status, 200, path)
})

test('whoever stops a gateway waits for its drain', async t => {
  const { drain } = await loadConfig({ env: {}, cwd: t.testdir() })
  const needed = (drain.delay + drain.deadline) / 1000 + 10
  const graces = {
    kubernetes: pod.terminationGracePeriodSeconds,
    compose: Number(/\d+/.exec(compose().services['gateway']?.stop_grace_period ?? '')),
    haproxy: Number(/hard-stop-after (\d+)s/.exec(read('deploy/haproxy/haproxy.cfg'))?.[1])
  }
  for (const [name, seconds] of Object.entries(graces)) t.ok(seconds >= needed, `${name}: ${seconds} of ${needed} s`)
})

test('it runs as nobody, on a root file system that is only read', async t => {
  t.match(dockerfile, /^USER 65532:65532$/m)
  t.match(pod.securityContext, { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } })
  t.match(container.securityContext, { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })
  t.match(compose().services['gateway'], { read_only: true, cap_drop: ['ALL'] })
})

test('load balancers outlast requests and never send a POST twice', async t => {
  const { timeouts } = await loadConfig({ env: {}, cwd: t.testdir() })
  const minutes = timeouts.total / 60_000
  const haproxy = read('deploy/haproxy/haproxy.cfg')
  t.match(haproxy, `timeout server ${minutes}m`)
  t.match(haproxy, /^ {4}retry-on conn-failure$/m)
  const nginx = read('deploy/nginx/tollgate.conf')
  t.match(nginx, `proxy_read_timeout ${minutes}m;`)
  t.match(nginx, 'proxy_buffering off;')
  t.notMatch(nginx.replaceAll(/#.*/g, ''), 'non_idempotent')
})

test('what is measured has the allocator of the image', async t => {
  for (const [name, value] of Object.entries(mallocOfTheImage)) t.match(dockerfile, new RegExp(`\\b${name}=${value}(\\s|$)`), name)
  t.match(dockerfile, /apt-get install .*\blibjemalloc2\b/)
})

test('no file holds a secret', async t => {
  for (const path of [...yamlFiles(), 'Dockerfile', 'deploy/redis.conf']) t.notMatch(read(path), /sk-tg|[0-9a-f]{32}/, path)
})
