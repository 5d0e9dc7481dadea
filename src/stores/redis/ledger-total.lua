#!lua
-- Keeps one month's total of all projects. Each is counted with the newest of its sums, whoever brings it and in whatever order.
--
-- KEYS   1 total
-- ARGV   {project, version, spent and reserved (nano-USD)} of each project that may have changed
-- reply  the total, nano-USD

local total = KEYS[1]
for _, argument in ipairs(ARGV) do
  local project, version, used = unpack(cjson.decode(argument))
  local known = redis.call('HMGET', total, 'version:' .. project, 'used:' .. project)
  if version > tonumber(known[1] or 0) then
    redis.call('HSET', total, 'version:' .. project, int(version), 'used:' .. project, int(used))
    redis.call('HINCRBY', total, 'total', int(used - tonumber(known[2] or 0)))
  end
end
redis.call('EXPIRE', total, SPENDS_SECONDS)
return tonumber(redis.call('HGET', total, 'total') or 0)
