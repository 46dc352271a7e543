-- KEYS: lease. ARGV: token.
if redis.call('HGET', KEYS[1], 't') == ARGV[1] then redis.call('HSET', KEYS[1], 'u', 0) end
return 1
