-- Versions are compared as text: numbers of Lua are not exact above 2^53.
local version, nonce, lease = ARGV[1], ARGV[2], ARGV[3]
local row = redis.call('HMGET', KEYS[1], 'version', 'sealed', 'dead', 'lease_nonce', 'lease_until')
local is_free = left(row[5]) == 0 or row[4] == nonce
if row[1] ~= version or not row[2] or row[3] == '1' or not is_free then
    return { 0, record() }
end
redis.call('HSET', KEYS[1], 'lease_nonce', nonce, 'lease_until', now + lease)
return { 1, record() }
