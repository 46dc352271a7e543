-- Many deliveries in one step.
-- KEYS: for each partition four: inbox, ids of this generation, of the one before, of the one before that.
-- ARGV: this generation, half the window in milliseconds; for each delivery the number of its partition's four keys from 0, what stands
-- for the id, the id, the body.
-- For each delivery 1 accepted or 0 a duplicate; -g if the generation by this server's clock is g, and then nothing was done.
local half = tonumber(ARGV[2])
local generation = math.floor(redis.call('TIME')[1] * 1000 / half)
if generation ~= tonumber(ARGV[1]) then return {-generation} end
local answers, touched = {}, {}
for at = 3, #ARGV, 4 do
  local first, mark = tonumber(ARGV[at]) * 4, ARGV[at + 1]
  local answer = 0
  if redis.call('SISMEMBER', KEYS[first + 3], mark) == 0 and redis.call('SISMEMBER', KEYS[first + 4], mark) == 0
    and redis.call('SADD', KEYS[first + 2], mark) == 1 then
    redis.call('XADD', KEYS[first + 1], '*', 'd', ARGV[at + 2], 'b', ARGV[at + 3])
    touched[KEYS[first + 2]] = true
    answer = 1
  end
  answers[#answers + 1] = answer
end
for ids in pairs(touched) do
  if redis.call('PTTL', ids) < 0 then redis.call('PEXPIREAT', ids, (generation + 3) * half) end
end
return answers
