-- KEYS: lease. ARGV: owner, time to live in milliseconds.
-- {token, 1 if taken over or 0 if renewed}; nil while another holds it. The token outlives the lease.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HMGET', KEYS[1], 'o', 't', 'u')
local till = now + tonumber(ARGV[2])
if held[3] and tonumber(held[3]) > now then
  if held[1] ~= ARGV[1] then return false end
  redis.call('HSET', KEYS[1], 'u', till)
  return {held[2], 0}
end
local token = string.format('%.0f', tonumber(held[2] or '0') + 1)
redis.call('HSET', KEYS[1], 'o', ARGV[1], 't', token, 'u', till)
return {token, 1}
