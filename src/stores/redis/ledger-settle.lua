#!lua flags=allow-oom
-- Ends requests of one project, each at most once. Never refused for want of memory: a settlement must not get lost.
--
-- KEYS   1 open, 2 lease, 3 held, 4 meta, 5 ledger; then what is referred to by index
-- ARGV   1 clock, 2 how long ended requests are remembered (ms), 3 places, 4 endings, 5 the tails of their rows: a line each
-- place  {done, day, minutes, hour, minute, cell, spend, period, key}
-- ending {kind, rid, minted (ms), place, amounts, cost, ending, refunds, number in the export, at (ms)}
-- kinds  s settled, v void, h hit, e the lease ran out, c correction of an estimate, r row of an export
-- refund {key index, ends, reserved, actual} in µs
-- reply  JSON: [number of the last row before, then one an ending: [result, detail]]

local open, lease, held, meta, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now = clock(ARGV[1])
local horizon = tonumber(ARGV[2])

-- src/metering/gcra.ts corrected()
local function refund (key, ends, reserved, actual)
  local tat = tonumber(redis.call('GET', key) or 0)
  if actual > reserved then
    tat = math.max(tat, now) + actual - reserved
  else
    tat = tat - math.min(reserved - actual, math.max(0, ends - now))
  end
  if tat > now then redis.call('SET', key, int(tat), 'PXAT', int(math.ceil(tat / 1000))) else redis.call('DEL', key) end
end

-- What it held is what its record says. Whoever ends it may not know: a void can come before the admission that it takes back.
local function release (ending, record)
  local stored = cjson.decode(string.sub(record, #period_of(record) + 2))
  redis.call('HDEL', open, ending.rid)
  redis.call('ZREM', lease, ending.rid)
  hold(ending.keys.spend, held, stored[3], stored[7], stored[8], -1)
  for _, each in ipairs(ending.refunds) do refund(KEYS[each[1]], each[2], each[3], each[4]) end
end

local function restore (ending)
  local restored = tonumber(redis.call('HGET', meta, 'restored') or 0)
  if ending.number <= restored then return '["repeated"]' end
  redis.call('HSET', meta, 'restored', int(ending.number))
  -- Said again by the gateway that wrote it, before the export came.
  local done = redis.call('HGET', ending.keys.done, ending.rid)
  if done and not (ending.ending == 'correction' and string.match(done, '^estimated')) then return '["repeated"]' end
  -- Redis is in an older state, in which the request had not ended yet.
  local record = redis.call('HGET', open, ending.rid)
  if record then release(ending, record) end
  post(ending.keys, ending, ending.at)
  -- Too old to be asked for again.
  if ending.minted < now / 1000 - horizon then redis.call('DEL', ending.keys.done, ending.keys.minutes) end
  return '["recorded"]'
end

-- A request that has ended changes no more, but for one correction of an estimate.
local function after_end (ending, done)
  local billed = string.match(done, '^estimated(.*)$')
  if not billed then return '["repeated"]' end
  if ending.kind ~= 'c' then return '["estimated",' .. billed .. ']' end
  post(ending.keys, ending, math.floor(now / 1000))
  return '["corrected"]'
end

local function finish (ending)
  if ending.kind == 'r' then return restore(ending) end
  local done = redis.call('HGET', ending.keys.done, ending.rid)
  if done then return after_end(ending, done) end
  local record = redis.call('HGET', open, ending.rid)
  if record and period_of(record) ~= ending.period then return '["moved","' .. period_of(record) .. '"]' end
  if ending.kind == 'e' and not (record and tonumber(redis.call('ZSCORE', lease, ending.rid) or 0) <= now / 1000) then return '["skipped"]' end
  if ending.kind == 'c' then return '["skipped"]' end
  if not record and ending.kind == 'v' then
    redis.call('HSET', ending.keys.done, ending.rid, 'void')
    redis.call('EXPIRE', ending.keys.done, DONE_SECONDS)
    return '["tombstone"]'
  end
  if not record and ending.minted < now / 1000 - horizon then return '["stale"]' end
  if record then release(ending, record) end
  post(ending.keys, ending, math.floor(now / 1000))
  return '["recorded"]'
end

local places = cjson.decode(ARGV[3])

local function read (fields, tail)
  local place = places[fields[4]]
  return {
    kind = fields[1], rid = fields[2], minted = fields[3],
    keys = { meta = meta, ledger = ledger, done = KEYS[place[1]], day = KEYS[place[2]], minutes = KEYS[place[3]], spend = KEYS[place[7]] },
    hour = place[4], minute = place[5], cell = place[6], period = place[8], key = place[9],
    amounts = fields[5], cost = fields[6], ending = fields[7], refunds = fields[8], number = fields[9], at = fields[10], tail = tail
  }
end

local replies = { redis.call('HGET', meta, 'seq') or '0' }
local tails = string.gmatch(ARGV[5], '[^\n]+')
for _, fields in ipairs(cjson.decode(ARGV[4])) do
  replies[#replies + 1] = finish(read(fields, tails()))
end
return '[' .. table.concat(replies, ',') .. ']'
