import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents'
import OpenAI from 'openai'
import t from 'tap'
import { rejection, startSetting } from './start.ts'

for (const useResponses of [true, false]) {
  t.test(`${useResponses ? 'responses' : 'chat completions'}: an agent with a tool, run and streamed`, async t => {
    const { gateway } = await startSetting(t)
    const openAIClient = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0 })
    const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient, useResponses }), tracingDisabled: true })
    const asked: unknown[] = []
    const weather = tool({
      name: 'get_weather',
      description: 'The weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
      strict: true,
      execute: async input => {
        asked.push(input)
        return 'sunny'
      }
    })
    const agent = new Agent({ name: 'Forecaster', instructions: 'Tell the weather.', model: 'gpt-4o', tools: [weather] })

    const result = await runner.run(agent, 'Use get_weather for Bern')
    t.match(asked, [{ city: String }])
    t.ok(String(result.finalOutput).length > 0)

    const streamed = await runner.run(agent, 'Use get_weather for Basel', { stream: true })
    let pieces = 0
    for await (const piece of streamed.toTextStream()) if (piece.length > 0) pieces++
    await streamed.completed
    t.ok(pieces > 1)
    t.equal(asked.length, 2)
  })
}

t.test('an error of the gateway reaches the caller of the agent', async t => {
  const { gateway } = await startSetting(t)
  const openAIClient = new OpenAI({ baseURL: gateway.baseUrl, apiKey: 'sk-tg_wrong', maxRetries: 0 })
  const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient, useResponses: true }), tracingDisabled: true })
  t.match(await rejection(runner.run(new Agent({ name: 'A', model: 'gpt-4o' }), 'Hi')), { status: 401, code: 'invalid_api_key' })
})
