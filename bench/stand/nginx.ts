import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { completion, embedding } from './answers.ts'
import { BenchProcess } from './process.ts'

/** The ways a provider of the stand behaves. */
export type Behaviour = 'json' | 'burst' | 'paced' | 'stamped' | 'waiting'

/** One process and no log, so that its CPU time is that of the requests. */
function configuration (folder: string, name: string, http: string): string {
  return `
daemon off;
master_process off;
user root;
pid ${join(folder, `${name}.pid`)};
worker_rlimit_nofile 65536;
events { worker_connections 32768; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_max_body_size 100m;
  client_body_buffer_size 256k;
  client_body_temp_path ${join(folder, `${name}-body`)};
  proxy_temp_path ${join(folder, `${name}-proxy`)};
  fastcgi_temp_path ${join(folder, `${name}-fastcgi`)};
  scgi_temp_path ${join(folder, `${name}-scgi`)};
  uwsgi_temp_path ${join(folder, `${name}-uwsgi`)};
  ${http}
}
`
}

function start (folder: string, name: string, core: number, http: string): BenchProcess {
  const file = join(folder, `${name}.conf`)
  writeFileSync(file, configuration(folder, name, http))
  return new BenchProcess({ command: 'nginx', args: ['-c', file, '-p', folder], core, log: join(folder, `${name}.log`) })
}

/** Where a server listens, and where it says how many requests it has had. */
function listening (port: number): string {
  return `listen 127.0.0.1:${port} backlog=4096;
    location = /served { stub_status; }`
}

/** A provider of JSON that costs as little as can be: fixed bytes. */
export function startJsonProvider (folder: string, core: number, port: number): BenchProcess {
  return start(folder, 'json-provider', core, `
  server {
    ${listening(port)}
    default_type application/json;
    location /v1/chat/completions { return 200 '${completion}'; }
    location /v1/embeddings { return 200 '${embedding}'; }
  }`)
}

/** The yardstick: the same hop without doing anything, each behaviour below a path of its own: `/burst/v1/…`. */
export function startYardstick (folder: string, core: number, port: number, providers: ReadonlyMap<Behaviour, number>): BenchProcess {
  const upstreams = Array.from(providers, ([name, providerPort]) =>
    `upstream ${name} { server 127.0.0.1:${providerPort}; keepalive 2048; keepalive_requests 1000000000; }`)
  const locations = Array.from(providers.keys(), name => `
    location /${name}/ {
      proxy_pass http://${name}/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering ${name === 'json' ? 'on' : 'off'};
    }`)
  return start(folder, 'yardstick', core, `
  ${upstreams.join('\n  ')}
  server {
    ${listening(port)}
    ${locations.join('')}
  }`)
}

/** Fixed answers from memory: the same bytes that a gateway has in its store, by path. */
export function startStatic (folder: string, core: number, port: number, answers: ReadonlyMap<string, Answer>): BenchProcess {
  const locations = Array.from(answers, ([path, { type, body }]) => `
    location = /${path} {
      default_type ${type};
      ${inPieces(body).map((piece, index) => `set $piece${index} '${piece}';`).join('\n      ')}
      return 200 "${inPieces(body).map((_, index) => `$piece${index}`).join('')}";
    }`)
  return start(folder, 'static', core, `
  server {
    ${listening(port)}
    ${locations.join('')}
  }`)
}

export interface Answer {
  readonly type: string
  readonly body: string
}

/** nginx takes no word above 4 KB. The answers of the stand have neither dollar signs nor quotes of nginx's. */
function inPieces (text: string): string[] {
  return (text.match(/[^]{1,2000}/g) ?? []).map(piece => piece.replaceAll('\\', '\\\\'))
}
