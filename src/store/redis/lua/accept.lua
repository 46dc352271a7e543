-- KEYS: inbox, ids of this generation, of the one before, of the one before that.
-- ARGV: what stands for the id, the id, the body, this generation, half the window in milliseconds.
-- 1 accepted, 0 a duplicate, -g if the generation by this server's clock is g.
local half = tonumber(ARGV[5])
local generation = math.floor(redis.call('TIME')[1] * 1000 / half)
if generation ~= tonumber(ARGV[4]) then return -generation end
if redis.call('SISMEMBER', KEYS[3], ARGV[1]) == 1 or redis.call('SISMEMBER', KEYS[4], ARGV[1]) == 1 then return 0 end
if redis.call('SADD', KEYS[2], ARGV[1]) == 0 then return 0 end
if redis.call('SCARD', KEYS[2]) == 1 then redis.call('PEXPIREAT', KEYS[2], (generation + 3) * half) end
redis.call('XADD', KEYS[1], '*', 'd', ARGV[2], 'b', ARGV[3])
return 1
