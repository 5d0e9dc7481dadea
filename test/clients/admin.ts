import OpenAI from 'openai'
import type { Test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { GatewayOptions, TestGateway } from '../helpers/gateway.ts'

export interface AdminSetting {
  readonly gateway: TestGateway
  readonly organization: OpenAI['admin']['organization']
  /** A client of the public listener with the given key. */
  readonly as: (key: string) => OpenAI
}

/** A gateway and the official SDK as its administrator: the operator listener, the admin key, nothing else. */
export async function startAdmin (t: Test, options: GatewayOptions = {}): Promise<AdminSetting> {
  const gateway = await startGateway(t, options)
  const admin = new OpenAI({ baseURL: `${gateway.operatorUrl}/v1`, apiKey: 'unused', adminAPIKey: gateway.adminKey, maxRetries: 0 })
  return {
    gateway,
    organization: admin.admin.organization,
    as: key => new OpenAI({ baseURL: gateway.baseUrl, apiKey: key, maxRetries: 0 })
  }
}

/** All objects of a list, over all its pages. */
export async function all<Item> (list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of list) items.push(item)
  return items
}
