-- Stores the leader's answer, ends its lease and tells the followers. A leader whose lease has lapsed, or was ended
-- by a purge, stores nothing.
-- KEYS: answer, flight. ARGV: token, answer, ms, channel, fingerprint. Returns 1 or 0.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
