-- Begins each script: the server's time in milliseconds, and a record as it is returned.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function left(until_ms)
    return until_ms and math.max(0, until_ms - now) or 0
end

local function record()
    local row = redis.call('HMGET', KEYS[1], 'version', 'sealed', 'dead', 'stored_at', 'lease_until')
    if not row[1] then
        return false
    end
    return { row[1], row[2], tonumber(row[3]), math.max(0, now - row[4]), left(row[5]) }
end
