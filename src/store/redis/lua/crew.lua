-- KEYS: crew. ARGV: owner, time to live in milliseconds.
-- {1 if the owner is new or 0, {name, rest in milliseconds, name, rest, ...}}, in the order of their ends.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local new = redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
local all = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for at = 2, #all, 2 do all[at] = tonumber(all[at]) - now end
return {new, all}
