local at, version, due_in, name, sealed = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= at then
    return { 0, record() }
end
redis.call('HSET', KEYS[1], 'version', version, 'dead', 0, 'stored_at', now, 'due_at', now + due_in)
redis.call('HDEL', KEYS[1], 'lease_nonce', 'lease_until')
if sealed then
    redis.call('HSET', KEYS[1], 'sealed', sealed)
    redis.call('ZADD', KEYS[2], 0, name)
else
    redis.call('HDEL', KEYS[1], 'sealed')
    redis.call('ZREM', KEYS[2], name)
end
return { 1, false }
