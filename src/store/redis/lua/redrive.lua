-- KEYS: dead letters, inbox. ARGV: id. The value's layout is that of `frame`.
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value then return 0 end
local body = value:sub(17 + struct.unpack('>I4', value, 13))
redis.call('XADD', KEYS[2], '*', 'd', ARGV[1], 'b', body)
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
