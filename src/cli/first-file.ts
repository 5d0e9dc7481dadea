/** What `tollgate init` writes. Everything in it is a default or a comment. */
export const firstFile = `# Tollgate. All settings: docs/configuration.md. Check this file with: tollgate check

# Who may reach it. In a container: 0.0.0.0:8080.
listen: 127.0.0.1:8080
# Admin API, live view, metrics and health. Never expose it to callers.
operator_listen: 127.0.0.1:9090

# The providers. Without any, AIMLAPI_API_KEY makes one; without that, a built-in offline provider answers.
# upstreams:
#   aimlapi:
#     base_url: https://api.aimlapi.com/v1
#     keys:
#       - value: \${AIMLAPI_API_KEY}

# Names that callers use, where they differ from the provider's, and what stands in when a model fails.
# models:
#   fast:
#     model: openai/gpt-4o-mini
#     fallbacks: [steady]
#   steady:
#     model: openai/gpt-4o

# One process keeps everything in an SQLite file. More processes need Redis:
# store: redis://localhost:6379

# Teams, declared here or made with \`tollgate projects create\`. What is declared here can be changed only here.
# projects:
#   search:
#     name: Search team
#     spend_usd_per_month: 250
#     limits:
#       "*":
#         requests_per_minute: 600
#         tokens_per_minute: 500000
#     applications:
#       web:
#         keys: # from: tollgate keys new --declare
#           - id: …
#             hash: …
`
