#!lua flags=no-writes
-- Lists reservations of one project whose lease has run out. Whoever lists them ends them with the kind `e` of ledger-settle.lua,
-- which asks again: the lists of two replicas may overlap.
--
-- KEYS   1 open, 2 lease
-- ARGV   1 clock, 2 most to list
-- reply  rid and record of each

local open, lease = KEYS[1], KEYS[2]
local replies = {}
for _, rid in ipairs(redis.call('ZRANGE', lease, '-inf', int(math.floor(clock(ARGV[1]) / 1000)), 'BYSCORE', 'LIMIT', 0, ARGV[2])) do
  replies[#replies + 1] = rid
  replies[#replies + 1] = redis.call('HGET', open, rid) or ''
end
return replies
