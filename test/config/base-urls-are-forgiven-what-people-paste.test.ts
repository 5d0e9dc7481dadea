import { test } from 'tap'
import { readBaseUrl } from '../../src/config/base-url.ts'

const pasted = {
  'https://api.aimlapi.com/v1': 'https://api.aimlapi.com/v1',
  'https://api.aimlapi.com/v1/': 'https://api.aimlapi.com/v1',
  'https://api.aimlapi.com': 'https://api.aimlapi.com/v1',
  'https://api.aimlapi.com/': 'https://api.aimlapi.com/v1',
  'https://api.aimlapi.com/v1/v1': 'https://api.aimlapi.com/v1',
  'https://api.aimlapi.com//v1//v1//': 'https://api.aimlapi.com/v1',
  '<https://api.aimlapi.com/v1>': 'https://api.aimlapi.com/v1',
  ' <https://api.aimlapi.com/v1/> ': 'https://api.aimlapi.com/v1',
  'https://api.aimlapi.com/v2': 'https://api.aimlapi.com/v2',
  'HTTPS://API.AIMLAPI.COM:443/v1': 'https://api.aimlapi.com/v1',
  'https://provider.example/openai/v1': 'https://provider.example/openai/v1',
  'https://provider.example/api': 'https://provider.example/api',
  'http://127.0.0.1:11434': 'http://127.0.0.1:11434/v1',
  'http://[::1]:8000/v1': 'http://[::1]:8000/v1',
  demo: 'demo'
}

for (const [url, tidy] of Object.entries(pasted)) {
  test(url, (t) => {
    t.equal(readBaseUrl(url), tidy)
    t.equal(readBaseUrl(tidy), tidy, 'a tidy URL stays as it is')
    t.end()
  })
}
