-- KEYS: times and bodies of what is owed, times and bodies of timers. ARGV: now in milliseconds, at most how many.
-- For each kind a flat list of id, time, body; a body that is missing is false.
local both = {}
for kind = 1, 2 do
  local ids = redis.call('ZRANGEBYSCORE', KEYS[2 * kind - 1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
  local flat = {}
  for at = 1, #ids, 2 do
    flat[#flat + 1] = ids[at]
    flat[#flat + 1] = ids[at + 1]
    flat[#flat + 1] = redis.call('HGET', KEYS[2 * kind], ids[at])
  end
  both[kind] = flat
end
return both
