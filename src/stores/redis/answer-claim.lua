-- Who fetches an answer? It is either there already, or one of those who ask gets the lease.
-- KEYS: answer, flight. ARGV: token, ms, "1" to replace a stored answer.
-- Returns {"stored", answer}, {"leader"} or {"follower"}.
if ARGV[3] ~= '1' then
  local answer = redis.call('GET', KEYS[1])
  if answer then return { 'stored', answer } end
end
local holder = redis.call('GET', KEYS[2])
-- "failed" is what a leader without an answer leaves for its followers: it holds nothing.
if holder and holder ~= 'failed' then return { 'follower' } end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return { 'leader' }
