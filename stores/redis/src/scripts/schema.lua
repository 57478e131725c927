-- The number of the form in which grants are stored; the first process writes it.
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
