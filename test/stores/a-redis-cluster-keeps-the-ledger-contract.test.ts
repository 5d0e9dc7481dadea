import { Redis } from 'ioredis'
import t from 'tap'
import type { RedisLedger } from '../../src/stores/redis/ledger.ts'
import { startRedis } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'
import { ledgerContract } from './ledger-contract.ts'
import { connectLedger } from './redis-ledger.ts'

const slots = 16_384
const nodes = await Promise.all([0, 1, 2].map(number => startRedis(t, '--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${number}.conf`)))
const clients = nodes.map(({ port }) => new Redis(port))
t.teardown(() => { for (const client of clients) client.disconnect() })
await formCluster(nodes, clients)

ledgerContract('Redis Cluster', async (t, clock) => {
  await Promise.all(clients.map(client => client.flushall()))
  const open = async (): Promise<RedisLedger> => {
    const ledger = await connectLedger(`redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`, { clock: clock.micros })
    t.teardown(() => ledger.close())
    return ledger
  }
  return { ledger: await open(), restart: open }
})

async function formCluster (nodes: readonly TestRedis[], clients: readonly Redis[]): Promise<void> {
  for (const [number, client] of clients.entries()) {
    const first = Math.ceil(number * slots / clients.length)
    const last = Math.ceil((number + 1) * slots / clients.length) - 1
    await client.cluster('ADDSLOTSRANGE', first, last)
    await client.cluster('MEET', '127.0.0.1', nodes[0]?.port ?? 0)
  }
  await until(async () => (await Promise.all(clients.map(client => client.cluster('INFO'))))
    .every(info => String(info).includes('cluster_state:ok') && String(info).includes(`cluster_known_nodes:${nodes.length}`)))
}
