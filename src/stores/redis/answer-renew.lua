-- Extends a lease, unless it has lapsed or is another's by now.
-- KEYS: flight. ARGV: token, ms. Returns 1 or 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
