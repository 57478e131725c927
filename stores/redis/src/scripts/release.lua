if redis.call('HGET', KEYS[1], 'lease_nonce') == ARGV[1] then
    redis.call('HDEL', KEYS[1], 'lease_nonce', 'lease_until')
end
return false
