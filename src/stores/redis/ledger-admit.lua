#!lua
-- Admits requests of one project: for each, checks every rule first, and writes only when all let it in.
-- Refused as a whole when Redis is out of memory, before anything is written.
--
-- KEYS   1 open, 2 lease, 3 held, 4 meta, 5 ledger, 6-8 spend of the month before, of this and of the next; then what is referred to by index
-- ARGV   1 clock, 2 {start, end of this month by the gateway's clock (ms), ids of the three months, lease (ms), epoch},
--        3 sets of rules, 4 requests, 5 their records, or the tails of their rows: a line each
-- set    {key, budgeted, held limiters, rules}
-- rule   {kind, target, limit, window, shadow}; kinds: b bucket (key index), h held (limiter), s spend (spender), t total
-- request {rid, done, cost, set, units of each rule, total, row of a hit or false}
-- row    {day, minutes, hour, minute, cell, amounts}
-- reply  JSON: [clock, then one a request: [verdict, month that pays, states of the rules before the decision]]
--        verdicts: 0 denied, 1 admitted, 2 repeated, 3 closed, 4 forgotten

local DENIED, ADMITTED, REPEATED, CLOSED, FORGOTTEN = 0, 1, 2, 3, 4
local open, lease, held, meta, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now = clock(ARGV[1])
local header = cjson.decode(ARGV[2])

-- The month by the clock of Redis, whatever the gateway's says.
local month = 2
if now < header[1] * 1000 then month = 1 end
if now >= header[2] * 1000 then month = 3 end
local period, spend = header[month + 2], KEYS[month + 5]

local function state_of (rule, total)
  local kind, target = rule[1], rule[2]
  if kind == 'b' then return tonumber(redis.call('GET', KEYS[target]) or 0) end
  if kind == 'h' then return tonumber(redis.call('HGET', held, target) or 0) end
  if kind == 't' then return total end
  local sums = redis.call('HMGET', spend, 'spent:' .. target, 'reserved:' .. target)
  return tonumber(sums[1] or 0) + tonumber(sums[2] or 0)
end

-- src/metering/limits.ts effectsOf(), gcra.ts slackMicros() and holds()
local function refuses (rule, units, state)
  local limit, window = rule[3], rule[4]
  if units == 0 then return false end
  if window == 0 then return state + units > limit end
  local slack = 0
  if window % limit ~= 0 then slack = math.min(limit, math.floor(window / limit)) end
  return math.max(state, now) + math.ceil(units * window / limit) > now + window + slack
end

local function charge (rule, units, state)
  local limit, window = rule[3], rule[4]
  if rule[1] ~= 'b' or units == 0 or refuses(rule, units, state) then return end
  local tat = math.max(state, now) + math.ceil(units * window / limit)
  redis.call('SET', KEYS[rule[2]], int(tat), 'PXAT', int(math.ceil(tat / 1000)))
end

-- What is known of the rid already: a verdict and the month that pays, or nothing.
local function known (rid, done, hit)
  local record = redis.call('HGET', open, rid)
  if record then return REPEATED, period_of(record) end
  local ending = redis.call('HGET', KEYS[done], rid)
  if not ending then return nil end
  if hit and ending == 'hit' then return REPEATED, period end
  return CLOSED, period
end

local function reserve (rid, cost, key, limiters, record)
  hold(spend, held, key, cost, limiters, 1)
  redis.call('HSET', open, rid, period .. '\n' .. record)
  redis.call('ZADD', lease, int(math.floor(now / 1000) + header[6]), rid)
end

local function post_hit (rid, done, key, row, tail)
  local keys = { meta = meta, ledger = ledger, done = KEYS[done], day = KEYS[row[1]], minutes = KEYS[row[2]], spend = spend }
  post(keys, {
    rid = rid, ending = 'hit', hour = row[3], minute = row[4], cell = row[5], amounts = row[6], cost = 0, key = key,
    tail = string.gsub(tail, '%%month%%', period, 1)
  }, math.floor(now / 1000))
end

local function answer (verdict, paid_by, states)
  local fields = { verdict, '"' .. paid_by .. '"' }
  for index, state in ipairs(states) do fields[index + 2] = int(state) end
  return '[' .. table.concat(fields, ',') .. ']'
end

local sets = cjson.decode(ARGV[3])

local function decide (request, text)
  local rid, done, cost, set, units, total, row = unpack(request)
  local key, budgeted, limiters, rules = unpack(sets[set])
  local states, denied = {}, false
  for index, rule in ipairs(rules) do
    states[index] = state_of(rule, total)
    if refuses(rule, units[index], states[index]) and not rule[5] then denied = true end
  end
  local verdict, paid_by = known(rid, done, row)
  if verdict then return answer(verdict, paid_by, states) end
  if budgeted and redis.call('HGET', meta, 'epoch') ~= header[7] then return answer(FORGOTTEN, period, states) end
  if denied then return answer(DENIED, period, states) end
  for index, rule in ipairs(rules) do charge(rule, units[index], states[index]) end
  if row then post_hit(rid, done, key, row, text) else reserve(rid, cost, key, limiters, text) end
  return answer(ADMITTED, period, states)
end

local replies = { int(now) }
local texts = string.gmatch(ARGV[5], '[^\n]+')
for _, request in ipairs(cjson.decode(ARGV[4])) do
  replies[#replies + 1] = decide(request, texts())
end
-- One text: a client takes much longer to read many small values.
return '[' .. table.concat(replies, ',') .. ']'
