import { once } from 'node:events'
import { createServer } from 'node:net'
import { request } from 'undici'
import { printAddress } from '../../config/notation.ts'
import type { Config } from '../../config/schema.ts'
import { fail, ok, reasonOf } from './finding.ts'
import type { Finding } from './finding.ts'

type Address = Config['listen']

/** Whether both addresses can be listened on, or a gateway does already. */
export async function checkListeners ({ listen, operator_listen: operator }: Config): Promise<Finding[]> {
  const isServing = await serves(operator)
  return [await checkListener('listen', listen, isServing), await checkListener('operator_listen', operator, isServing)]
}

async function checkListener (check: string, address: Address, isServing: boolean): Promise<Finding> {
  const name = printAddress(address)
  const reason = await cannotListen(address)
  if (reason === null) return ok(check, `${name} is free`)
  if (reason !== 'EADDRINUSE') return fail(check, `${name}: ${reason}`, `set ${check} to an address of this machine that this user may use`)
  if (isServing) return ok(check, `${name} is in use; a gateway is running`)
  return fail(check, `${name} is in use by another program`, `end it, or set ${check} to another port`)
}

/** Null, or the code of what went wrong. */
async function cannotListen ({ host, port }: Address): Promise<string | null> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return null
  } catch (error) {
    return reasonOf(error)
  } finally {
    server.close()
  }
}

async function serves (address: Address): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`http://${printAddress(address)}/livez`, { headersTimeout: 2000, bodyTimeout: 2000 })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}
