-- The call: reads all, runs every operation, writes once.

local function write_partition(p, part)
  local names, out = names_of(p), part.out
  out[2], out[4] = instant(part.seq), instant(now)
  if part.inactive ~= tonumber(part.cells.inactive or 0) then
    out[part.out_n + 1], out[part.out_n + 2] = 'inactive', instant(part.inactive)
    part.out_n = part.out_n + 2
  end
  if part.capped_out then
    out[part.out_n + 1], out[part.out_n + 2] = 'capped', part.capped_out
    part.out_n = part.out_n + 2
  end
  write_list('HSET', names.cells, out, part.out_n)
  if part.supply_out then write_supply(names, part) end
  if part.pools_out then Pools.write(names, part) end
  if part.reasons_out then write_reasons(names, part) end
  if part.marks_out then write_marks(names, part) end
  if part.owners_out then write_owners(names, part) end
  if part.capacity_out then write_capacity(names, part) end
  if part.evidence_out then Evidence.write(names, part) end
  if part.orders_out then Orders.write(names, part) end
  if part.work_out then Orders.write_work(names, part) end
  local records, gone, due, undue = {}, {}, {}, {}
  local staged = part.staged
  for i = 1, #staged, 3 do
    local member, packed, due_at = staged[i], staged[i + 1], staged[i + 2]
    if packed == part.res[member] then -- else it was staged again later
      local n, m = #records, #due
      if packed then records[n + 1], records[n + 2] = member, packed else gone[#gone + 1] = member end
      if due_at then due[m + 1], due[m + 2] = instant(due_at), member else undue[#undue + 1] = member end
    end
  end
  for member, due_at in pairs(part.turns or {}) do
    if due_at then due[#due + 1], due[#due + 2] = instant(due_at), member else undue[#undue + 1] = member end
  end
  write_list('HSET', names.res, records, #records)
  write_list('HDEL', names.res, gone, #gone)
  write_list('ZADD', names.due, due, #due)
  write_list('ZREM', names.due, undue, #undue)
  if part.moves then write_moves(names.moves, part) end
  if part.deficits then write_deficits(names.deficits, part.deficits) end
  for _, entry in ipairs(part.entries) do call('XADD', names.log, unpack(entry)) end
  if part.history then History.write(names, part) end
end

local function server_time_ms()
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- -> the argument as a table
local function begin(keys, argument)
  call, pack, unpack_one, unpack = redis.call, cmsgpack.pack, cmsgpack.unpack, _G.unpack
  ipairs, pairs, type, tonumber = _G.ipairs, _G.pairs, _G.type, _G.tonumber
  byte, sub, format, min, max, floor = string.byte, string.sub, string.format, math.min, math.max, math.floor
  local packed = unpack_one(argument)
  cells_keys, partitions, parts, texts, heads = keys, #keys - 1, {}, {}, {}
  now, retention = packed[1] > 0 and packed[1] or server_time_ms(), packed[2]
  reap_left, reaped = REAP_MAX, false
  return packed
end

local function apply(keys, args)
  local packed = begin(keys, args[1])
  local operations, answers = {}, {}
  for i = 3, #packed do
    local op = { unpack_one(packed[i]) }
    operations[i - 2] = op
    needs[op[1]](op)
  end
  load_all(load_res)
  for _, op in ipairs(operations) do
    local further = follow[op[1]]
    if further then further(op) end
  end
  load_all(load_cells)
  load_all(load_moves)
  for i, op in ipairs(operations) do answers[i] = run[op[1]](op) end
  local reply = pack(answers)
  for p, part in pairs(parts) do
    if part.dirty then write_partition(p, part) end
  end
  return reply
end

redis.register_function('promessa_v1_apply', apply)
