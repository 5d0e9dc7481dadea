/** Ways to use a key, ready to paste. The key is shown this once. */
export function snippets (baseUrl: string, key: string): string {
  return `The key is shown this once.

# environment
export OPENAI_BASE_URL=${baseUrl}
export OPENAI_API_KEY=${key}

# curl
curl ${baseUrl}/chat/completions -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d '{"model":"gpt-4o","messages":[{"role":"user","content":"Hello"}]}'

# openai-node
import OpenAI from 'openai'
const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: '${key}' })

# openai-python
from openai import OpenAI
client = OpenAI(base_url="${baseUrl}", api_key="${key}")
`
}
