-- In front of every script of the ledger. Numbers stay integers below 2^53 (Lua's are doubles), and leave as integers.

-- Adding 0 turns -0, which Redis does not take for a number, into 0.
local function int (number)
  return string.format('%.0f', number + 0)
end

-- Microseconds since the epoch by the clock of Redis, so that those of the replicas do not matter. Tests bring their own.
local function clock (given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- A reservation is kept as the month that pays, a line break, and what the gateway knows of it.
local function period_of (record)
  return string.match(record, '^[^\n]*')
end

local DONE_SECONDS = 73 * 3600
local DAYS_SECONDS = 400 * 86400
local MINUTES_SECONDS = 73 * 3600
local SPENDS_SECONDS = 400 * 86400

local function touch_spend (spend)
  redis.call('HINCRBY', spend, 'version', 1)
  redis.call('EXPIRE', spend, SPENDS_SECONDS)
end

-- Money and places of an open reservation: taken (sign 1) or given back (sign -1).
local function hold (spend, held, key, cost, limiters, sign)
  redis.call('HINCRBY', spend, 'reserved:', int(sign * cost))
  redis.call('HINCRBY', spend, 'reserved:' .. key, int(sign * cost))
  touch_spend(spend)
  for _, limiter in ipairs(limiters) do
    if redis.call('HINCRBY', held, limiter, sign) <= 0 then redis.call('HDEL', held, limiter) end
  end
end

-- Writes a row, marks its request as ended, and sums it up: amounts are pairs of number and value. Returns the row's number.
local function post (keys, row, at)
  local seq = redis.call('HINCRBY', keys.meta, 'seq', 1)
  local text = '[' .. seq .. ',' .. int(at) .. ',' .. row.tail .. ']'
  redis.call('XADD', keys.ledger, seq .. '-0', 'row', text, 'check', string.sub(redis.sha1hex(text), 1, 8))
  redis.call('HSET', keys.done, row.rid, row.ending)
  redis.call('EXPIRE', keys.done, DONE_SECONDS)
  for place = 1, #row.amounts, 2 do
    local number, amount = row.amounts[place], row.amounts[place + 1]
    redis.call('HINCRBY', keys.day, row.hour .. '|' .. number .. '|' .. row.cell, int(amount))
    redis.call('HINCRBY', keys.minutes, row.minute .. '|' .. number .. '|' .. row.cell, int(amount))
  end
  redis.call('EXPIRE', keys.day, DAYS_SECONDS)
  redis.call('EXPIRE', keys.minutes, MINUTES_SECONDS)
  redis.call('HINCRBY', keys.spend, 'spent:', int(row.cost))
  redis.call('HINCRBY', keys.spend, 'spent:' .. row.key, int(row.cost))
  touch_spend(keys.spend)
  return seq
end
