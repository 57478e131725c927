local row = redis.call('HMGET', KEYS[1], 'version', 'sealed')
if row[1] ~= ARGV[1] or not row[2] then
    return { 0, record() }
end
redis.call('HSET', KEYS[1], 'dead', 1)
redis.call('HDEL', KEYS[1], 'lease_nonce', 'lease_until')
return { 1, false }
