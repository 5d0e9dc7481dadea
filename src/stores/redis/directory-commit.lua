#!lua
-- Commits a batch of records: all of it or, when a record is no longer of the version expected, nothing.
-- Checks everything first and writes after, because a script that fails half-way is not rolled back.
--
-- KEYS[1] records      hash    "<kind>:<id>" -> "<version> <seq> <body>"
-- KEYS[2] sequence     string  the last sequence number given
-- KEYS[3] last used    hash    id -> Unix seconds
-- KEYS[4] and on       zsets   lists: "<kind>:<id>" by sequence number
-- ARGV[1] batch        JSON    lists are named by their place in KEYS
-- Returns 1, or 0 when nothing was done.
local batch = cjson.decode(ARGV[1])

for _, expected in ipairs(batch.expected) do
  local record = redis.call('HGET', KEYS[1], expected.field)
  local version = record and tonumber(string.match(record, '^%d+')) or 0
  if version ~= expected.version then return 0 end
end

for _, put in ipairs(batch.puts) do
  local record = redis.call('HGET', KEYS[1], put.field)
  local seq = record and string.match(record, '^%d+ (%d+)') or string.format('%.0f', redis.call('INCR', KEYS[2]))
  redis.call('HSET', KEYS[1], put.field, string.format('%.0f %s %s', put.version + 1, seq, put.body))
  for _, list in ipairs(put.enters) do redis.call('ZADD', KEYS[list], seq, put.field) end
  for _, list in ipairs(put.leaves) do redis.call('ZREM', KEYS[list], put.field) end
end

for _, removal in ipairs(batch.removals) do
  for _, list in ipairs(removal.leaves) do redis.call('ZREM', KEYS[list], removal.field) end
  redis.call('HDEL', KEYS[1], removal.field)
  redis.call('HDEL', KEYS[3], removal.id)
end

return 1
