-- Looks at some names only, so that other clients are not kept waiting. Returns the last of them, and what was found.
local prefix, after, count, due_only = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local names = redis.call('ZRANGEBYLEX', KEYS[1], after, '+', 'LIMIT', 0, count)
local found = {}
for _, name in ipairs(names) do
    local row = redis.call('HMGET', prefix .. name, 'version', 'dead', 'stored_at', 'due_at', 'lease_until')
    local is_there = row[1] and row[2] and row[3] and row[4]
    local is_due = is_there and row[2] ~= '1' and left(row[4]) == 0 and left(row[5]) == 0
    if is_due or is_there and not due_only then
        found[#found + 1] =
            { name, row[1], tonumber(row[2]), math.max(0, now - row[3]), left(row[4]), left(row[5]) }
    end
end
return { #names == tonumber(count) and names[#names] or false, found }
