-- Ends a lease without an answer and tells the followers.
-- KEYS: flight. ARGV: token, "failed" or "vacant", ms for which a failure is remembered, channel, fingerprint.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == 'failed' then
  redis.call('SET', KEYS[1], 'failed', 'PX', ARGV[3])
else
  redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
