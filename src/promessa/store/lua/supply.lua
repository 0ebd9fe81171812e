-- The supply of a cell: what is to come of it.

-- The supply of a cell is consecutive MessagePack values: first its preorder limit (-1: none), then an array for each
-- inbound, in the order they came. Its first columns are those of a cell: units to come take the place of units on hand,
-- and held and committed are units of reservations bound to it. Its name is `i:<field of the cell>:<id>`: in the log, and
-- as the field of a line bound to it. The one without an id is the backorder allowance: units that may be promised before
-- anybody knows what they come with. `bound:<field of the cell>:<id>` is a zset of `<home> <member>` of the records bound
-- to an inbound, in the order they were.
-- Days are counted from 1970-01-01 in the node's own calendar. policy: 0 the data set's, else see domain/supply.py.
local INBOUND = { version = 6, updated = 7, id = 8, kind = 9, quantity = 10, received = 11, day = 12, policy = 13, slip = 14,
  state = 15 }
local EXPECTED, RECEIVED, CANCELLED = 1, 2, 3
local INBOUND_MAX, BOUND_MAX = 64, 1000 -- open in one cell, records bound to one: as in domain/limits.py
local SLIP, HOLD_AND_ALERT, ALWAYS = 1, 3, 1000000000

-- The supply of a cell as a table. It lives with the partition: `supply_out` names the fields that will be written.
local function supply_of(p, field)
  local part = head_of(p)
  part.supply, part.supply_out = part.supply or {}, part.supply_out or {}
  local supply = part.supply[field]
  if not supply then
    local packed = call('HGET', names_of(p).supply, field)
    supply = packed and { unpack_one(packed) } or { -1 }
    part.supply[field] = supply
  end
  return supply
end

local function inbound_of(supply, id)
  for i = 2, #supply do
    if supply[i][INBOUND.id] == id then return supply[i] end
  end
end

local function bound_units(inbound)
  return inbound[4] + inbound[5]
end

local function is_bound(field)
  return sub(field, 1, 2) == 'i:'
end

-- The field of the cell that a line is about, bound or not; and the id of the inbound it is bound to.
local function cell_of_line(field)
  local kind = sub(field, 1, 2)
  if kind == 'i:' then return string.match(field, '^i:(%d+:%d+):(.*)$') end
  if kind == 'k:' then return (string.match(field, '^k:(%d+:%d+):')) end
  return field
end

-- By what a line is asked for: the field of its cell; of a kit's component the kit at its node, and how many units of it
-- are in one kit.
local function name_of_line(field)
  if sub(field, 1, 2) ~= 'k:' then return (cell_of_line(field)) end
  local node, per_kit, kit = string.match(field, '^k:(%d+):%d+:(%d+):(%d+)$')
  return node .. ':' .. kit, tonumber(per_kit)
end

-- The counts a line takes its units from: of its cell, or of the inbound it is bound to.
local function counts_of(p, field)
  local cell, id = cell_of_line(field)
  return id and inbound_of(supply_of(p, cell), id) or cell_of(p, cell)
end

-- The records bound to an inbound: how many, and what this call changes of them.
local function bindings_of(p, field)
  local part = head_of(p)
  part.bindings = part.bindings or {}
  local found = part.bindings[field]
  if not found then
    local key = sub(names_of(p).cells, 1, -6) .. 'bound:' .. sub(field, 3)
    found = { key = key, count = call('ZCARD', key), added = {}, gone = {} }
    part.bindings[field] = found
  end
  return found
end

local function bind(p, field, entry)
  local bindings = bindings_of(p, field)
  bindings.count, bindings.added[#bindings.added + 1] = bindings.count + 1, entry
end

local function unbind(p, field, entry)
  local bindings = bindings_of(p, field)
  bindings.count, bindings.gone[entry] = bindings.count - 1, true
end

-- Entries of all records bound to an inbound, as this call leaves them, in the order they were bound.
local function bound_entries(p, field)
  local bindings, entries = bindings_of(p, field), {}
  for _, list in ipairs({ call('ZRANGE', bindings.key, 0, -1), bindings.added }) do
    for _, entry in ipairs(list) do
      if not bindings.gone[entry] then entries[#entries + 1] = entry end
    end
  end
  return entries
end

local function stage_inbound(p, field, inbound, kind, reference)
  local part = log_change(p, kind, reference)
  local log, n = part.log, part.log_n
  inbound[INBOUND.version], inbound[INBOUND.updated] = inbound[INBOUND.version] + 1, now
  log[n + 1], log[n + 2] = 'i:' .. field .. ':' .. inbound[INBOUND.id], pack(inbound)
  part.log_n = n + 2
  part.supply_out[field] = true
end

-- Stages the counts that a line took from or gave to; a line with nothing open is bound no more.
local function stage_counts(p, field, counts, kind, home, member, open)
  local cell, id = cell_of_line(field)
  if not id then return stage_cell(p, cell, counts, kind, member) end
  stage_inbound(p, cell, counts, kind, member)
  if open == 0 then unbind(p, field, home .. ' ' .. member) end
end

local function write_supply(names, part)
  for field in pairs(part.supply_out) do call('HSET', names.supply, field, pack(unpack(part.supply[field]))) end
  for _, bindings in pairs(part.bindings or {}) do
    for n, entry in ipairs(bindings.added) do call('ZADD', bindings.key, instant(part.seq * 100000 + n), entry) end
    for entry in pairs(bindings.gone) do call('ZREM', bindings.key, entry) end
  end
end

local function is_awaited(supply)
  for i = 2, #supply do
    if supply[i][INBOUND.state] == EXPECTED and (supply[i][INBOUND.id] ~= '' or bound_units(supply[i]) > 0) then return true end
  end
  return false
end

-- The first cell of a node to which something is still to come, as this call leaves it.
local function awaited_cell_of_node(index)
  local p, prefix = index % partitions, index .. ':'
  local fields = call('HKEYS', names_of(p).supply)
  for field in pairs(head_of(p).supply or {}) do fields[#fields + 1] = field end
  for _, field in ipairs(fields) do
    if sub(field, 1, #prefix) == prefix and is_awaited(supply_of(p, field)) then return field end
  end
end

local function awaited_cell_of_sku(index)
  for node = 0, tonumber(field_of(partitions, 'next:node') or 0) - 1 do
    local field = node .. ':' .. index
    if is_awaited(supply_of(node % partitions, field)) then return field end
  end
end
