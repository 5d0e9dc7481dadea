#!lua
-- Extends the leases of one project's open requests and stores what was seen of them. A lease that Redis lost is taken again,
-- unless its request has ended.
--
-- KEYS   1 open, 2 lease, 3 held; then what requests refer to by index
-- ARGV   1 clock, 2 lease (ms); then two a request: {rid, done, spend, cost, key, held limiters}, and its record
-- reply  1 renewed, 2 taken again, 0 ended: one a request

local open, lease, held = KEYS[1], KEYS[2], KEYS[3]
local now = clock(ARGV[1])
local expires = int(math.floor(now / 1000) + tonumber(ARGV[2]))

local function renew (request, record)
  local rid, done, spend, cost, key, limiters = unpack(request)
  local result = 1
  if redis.call('HEXISTS', open, rid) == 0 then
    if redis.call('HEXISTS', KEYS[done], rid) == 1 then return 0 end
    hold(KEYS[spend], held, key, cost, limiters, 1)
    result = 2
  end
  redis.call('HSET', open, rid, record)
  redis.call('ZADD', lease, expires, rid)
  return result
end

local replies = {}
for argument = 3, #ARGV, 2 do
  replies[#replies + 1] = renew(cjson.decode(ARGV[argument]), ARGV[argument + 1])
end
return replies
