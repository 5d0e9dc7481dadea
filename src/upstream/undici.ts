import { createRequire } from 'node:module'
import type Undici from 'undici'

const require = createRequire(import.meta.url)

/**
 * Pool and client as undici has them inside: 21 of its 109 files. Its index also brings fetch, web sockets, caches, mocks and proxies, which
 * no upstream needs. undici is pinned exactly, so that these two stay where they are.
 */
export const Pool: typeof Undici.Pool = require('undici/lib/dispatcher/pool.js')
export const Client: typeof Undici.Client = require('undici/lib/dispatcher/client.js')
