-- KEYS: lease, inbox, names of spaces, times and bodies of what is owed, of timers, dead letters, then spaces and traces in any order.
-- ARGV: token, batch id, then sections, each a count and its items; `k` is an index into KEYS:
--   spaces: k, name, count of fields, each: field, 1 and value or 0 and ''
--   forgotten: k of its trace, how many entries it must have
--   traces: k, first number, count of entries, each a body
--   unscheduled: k of its times, id       scheduled: k of its times, id, time in milliseconds, body
--   acknowledged: stream id               parked: id, value
-- Everything that can refuse comes before the first write, since a script is atomic but not undone.
-- {0} applied, or applied before; {1} fenced; {2, index of the trace, its length} a gap; {3, index of the forgotten, its length} another
-- length than given.
local time = redis.call('TIME')
local held = redis.call('HMGET', KEYS[1], 't', 'u', 'b')
if held[1] ~= ARGV[1] or tonumber(held[2]) <= time[1] * 1000 + math.floor(time[2] / 1000) then return {1} end
if held[3] == ARGV[2] then return {0} end

local at = 2
local function take()
  at = at + 1
  return ARGV[at]
end
local function count() return tonumber(take()) end

-- Redis' Lua evaluates lists from left to right, which the calls of `take` side by side rely on.
-- The traces' place is found by walking over the spaces, which are only noted.
local spaces = {}
for space = 1, count() do
  spaces[space] = {key = KEYS[count()], name = take(), fields = count(), from = at}
  at = at + 3 * spaces[space].fields
end
local forgotten, gone = {}, {}
for place = 1, count() do
  local key, expected = KEYS[count()], count()
  local length = redis.call('LLEN', key)
  if length ~= expected then return {3, place - 1, length} end
  forgotten[place], gone[key] = key, true
end
local traces = {}
for trace = 1, count() do
  local key, first, entries = KEYS[count()], count(), count()
  local length = gone[key] and 0 or redis.call('LLEN', key)
  if length + 1 ~= first then return {2, trace - 1, length} end
  traces[trace] = {key = key, entries = entries, from = at}
  at = at + entries
end

redis.call('HSET', KEYS[1], 'b', ARGV[2])
for _, space in ipairs(spaces) do
  for place = space.from + 1, space.from + 3 * space.fields, 3 do
    if ARGV[place + 1] == '1' then
      redis.call('HSET', space.key, ARGV[place], ARGV[place + 2])
    else
      redis.call('HDEL', space.key, ARGV[place])
    end
  end
  if redis.call('EXISTS', space.key) == 1 then
    redis.call('SADD', KEYS[3], space.name)
  else
    redis.call('SREM', KEYS[3], space.name)
  end
end
for _, key in ipairs(forgotten) do redis.call('DEL', key) end
for _, trace in ipairs(traces) do
  for place = trace.from + 1, trace.from + trace.entries do redis.call('RPUSH', trace.key, ARGV[place]) end
end
for _ = 1, count() do
  local key, id = count(), take()
  redis.call('ZREM', KEYS[key], id)
  redis.call('HDEL', KEYS[key + 1], id)
end
for _ = 1, count() do
  local key, id, due, body = count(), take(), take(), take()
  redis.call('ZADD', KEYS[key], due, id)
  redis.call('HSET', KEYS[key + 1], id, body)
end
for _ = 1, count() do redis.call('XDEL', KEYS[2], take()) end
for _ = 1, count() do
  local id, value = take(), take()
  redis.call('HSET', KEYS[8], id, value)
end
return {0}
