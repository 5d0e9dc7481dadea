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

/** A provider of JSON that costs as little as can be: fixed bytes. */
export function startJsonProvider (folder: string, core: number, port: number): BenchProcess {
  return start(folder, 'json-provider', core, `
  server {
    listen 127.0.0.1:${port} backlog=4096;
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
    listen 127.0.0.1:${port} backlog=4096;
    ${locations.join('')}
  }`)
}
