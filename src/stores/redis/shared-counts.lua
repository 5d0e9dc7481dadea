-- Adds to a count that begins anew a window after its first addition.
--
-- KEYS   1 the count
-- ARGV   1 how many, 2 the window (ms)
-- reply  {what it is now, ms until it begins anew}

local current = redis.call('INCRBY', KEYS[1], ARGV[1])
if current == tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return { current, redis.call('PTTL', KEYS[1]) }
