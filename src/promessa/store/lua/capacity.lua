-- How much a node takes on in a day, of orders or of units.

-- `capacity` of a node's partition: `<node_ix>` -> its CAPACITY; `<node_ix>:days` -> [1 while it is published as FULL, then
-- day, open, done ...]: what open reservations take of a day's capacity, and what they took of it and is fulfilled. `capped` of
-- the cells hash lists the nodes with a capacity, so that a partition without any is known by its head alone.
-- A record's ties say what it takes: after the owner's partition, how many of them are of when it was made, then TIE_WIDTH
-- values each: node_ix, day, unit, open, done, and how many days after that of the reservation it is. A day counts from 1970-01-01 in
-- the node's own time, and begins at its cut-off if it has one. clock: minute of the cut-off (-1: none), minutes that the
-- node's time is ahead of UTC, then [ms, minutes from then on ...].
local CAPACITY = { limit = 1, unit = 2, on_full = 3, weekdays = 4, node_id = 5, clock = 6 }
local ORDERS = 1 -- the unit that counts reservations
local FIRST_TIE, TIE_WIDTH = 3, 6
local ACTIVE, FULL = 1, 4 -- states as the catalogue publishes them
local Capacity = {} -- what is used where a node may have a capacity
local node_of, write_capacity, capacity_left

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
local PAUSE, NEXT_DAY = 1, 2
local DAYS_AHEAD, DAY_MS, MINUTE_MS = 14, 86400000, 60000 -- working days looked at: as in domain/limits.py

function node_of(field)
  return tonumber(string.match(cell_of_line(field), '^%d+'))
end

-- The capacity of a node (config, false: none) and what is taken of its days.
function Capacity.of(node)
  local part = head_of(node % partitions)
  part.capacities, part.capacity_out = part.capacities or {}, part.capacity_out or {}
  local found = part.capacities[node]
  if not found then
    local names = names_of(node % partitions)
    local values = call('HMGET', names.capacity, node, node .. ':days')
    found = { config = values[1] and unpack_one(values[1]), days = values[2] and unpack_one(values[2]) or { 0 } }
    part.capacities[node] = found
  end
  return found
end

function Capacity.stage(node)
  local part = dirty(node % partitions)
  part.capacity_out[node] = true
end

function write_capacity(names, part)
  for node in pairs(part.capacity_out) do
    local found = part.capacities[node]
    if found.config then call('HSET', names.capacity, node, pack(found.config)) else call('HDEL', names.capacity, node) end
    if #found.days > 1 then
      call('HSET', names.capacity, node .. ':days', pack(found.days))
    else
      call('HDEL', names.capacity, node .. ':days')
    end
  end
end

-- Minutes that a node's time is ahead of UTC.
local function ahead(clock, ms)
  local minutes = clock[2]
  for i = 3, #clock, 2 do
    if clock[i] > ms then break end
    minutes = clock[i + 1]
  end
  return minutes
end

local function works_on(config, day)
  return math.floor(config[CAPACITY.weekdays] / 2 ^ ((day + 3) % 7)) % 2 == 1 -- day 0 was a Thursday, bit 0 is Monday
end

-- The working days whose capacity can be taken now, the first of them today or the next; and today.
local function working_days(config)
  local clock = config[CAPACITY.clock]
  local at = now + ahead(clock, now) * MINUTE_MS
  local day = math.floor(at / DAY_MS)
  if clock[1] >= 0 and at % DAY_MS >= clock[1] * MINUTE_MS then day = day + 1 end
  local today, days, wanted = day, {}, config[CAPACITY.on_full] == NEXT_DAY and DAYS_AHEAD or 1
  while #days < wanted do
    if works_on(config, day) then days[#days + 1] = day end
    day = day + 1
  end
  return days, today
end

-- When the capacity of a day cannot be taken any more.
local function end_of_day(config, day)
  local clock = config[CAPACITY.clock]
  local at = (day + 1) * DAY_MS
  if clock[1] >= 0 then at = day * DAY_MS + clock[1] * MINUTE_MS end
  return max(at - ahead(clock, at - clock[2] * MINUTE_MS) * MINUTE_MS, now + 1)
end

-- Where a day's numbers begin, made if they are not there; days long past that nothing open is left of are forgotten.
local function day_at(found, day)
  local days = found.days
  for i = 2, #days, 3 do
    if days[i] == day then return i end
  end
  for i = #days - 2, 2, -3 do
    if days[i] < day - 2 and days[i + 1] == 0 then
      for _ = 1, 3 do table.remove(days, i) end
    end
  end
  local n = #days
  days[n + 1], days[n + 2], days[n + 3] = day, 0, 0
  return n + 1
end

local function room_on(found, day)
  for i = 2, #found.days, 3 do
    if found.days[i] == day then return max(found.config[CAPACITY.limit] - found.days[i + 1] - found.days[i + 2], 0) end
  end
  return found.config[CAPACITY.limit]
end

-- Units that may be taken on at the node of a field once `take` more of the plan are. A plan begins as an empty table;
-- its `slips` may say by node how many days it may slip, its `has` the nodes that an order is counted at already.
function capacity_left(plan, field, take)
  local node = node_of(field)
  if not node then return math.huge end -- a line that is short at no node
  local part = head_of(node % partitions) -- of a line with nothing open nobody has asked yet
  if not part.capped or not part.capped[node] then return math.huge end
  if not plan[node] then
    local found, room = Capacity.of(node), 0
    local slip = plan.slips and plan.slips[node] or ALWAYS
    local days, today = working_days(found.config)
    for _, day in ipairs(days) do
      if day - today <= slip then room = room + room_on(found, day) end
    end
    if found.config[CAPACITY.unit] == ORDERS then
      room = (room > 0 or plan.has and plan.has[node]) and math.huge or 0
    end
    plan[node] = room
  end
  plan[node] = plan[node] - take
  return plan[node]
end

-- Tells those who follow the node's partition whether it takes more today.
function Capacity.tell(node, full)
  local p, field, after = node % partitions, 'f:' .. node, full == 1 and '4' or '1'
  if (field_of(p, field) or '1') ~= after then stage_value(p, field, after, 'capacity', field) end
end

-- Tells the readers, through the catalogue, whether a node takes more today; they hear of it again when the day is over.
function Capacity.publish(node)
  local p, found = node % partitions, Capacity.of(node)
  local config, full, ends = found.config, 0, nil
  if config and config[CAPACITY.on_full] == PAUSE then
    local day = working_days(config)[1]
    if room_on(found, day) == 0 then full, ends = 1, end_of_day(config, day) end
  end
  if found.days[1] == full then return end
  found.days[1] = full
  Capacity.stage(node)
  Capacity.tell(node, full)
  stage_turn(p, 'n:' .. node, ends)
  local name = 'node:' .. (config or found.before)[CAPACITY.node_id]
  local packed = field_of(partitions, name)
  local entry = packed and unpack_one(packed)
  if not entry or not entry[2] or (entry[3] ~= ACTIVE and entry[3] ~= FULL) then return end
  entry[3] = full == 1 and FULL or ACTIVE
  stage_value(partitions, name, pack(entry), 'put', name)
end

-- A day of a node is over: what was published of it is looked at again.
function Capacity.turn_day(node)
  local found = Capacity.of(node)
  if not found.config then return stage_turn(node % partitions, 'n:' .. node) end
  found.days[1] = -1
  Capacity.publish(node)
end

local function count_on_day(node, day, open, done)
  local found = Capacity.of(node)
  local i = day_at(found, day)
  found.days[i + 1], found.days[i + 2] = found.days[i + 1] + open, found.days[i + 2] + done
  Capacity.stage(node)
end

-- Takes units at a node on, on the first days that have room, and writes it into ties.
local function take_on(ties, node, units, slip)
  local part = parts[node % partitions]
  if not part.capped or not part.capped[node] then return end
  local found = Capacity.of(node)
  local unit, days, today = found.config[CAPACITY.unit], working_days(found.config)
  if unit == ORDERS then units = 1 end
  for _, day in ipairs(days) do
    local taking = min(units, room_on(found, day))
    if day - today > (slip or ALWAYS) then taking = 0 end
    if taking > 0 then
      local n = #ties
      ties[n + 1], ties[n + 2], ties[n + 3], ties[n + 4], ties[n + 5], ties[n + 6] = node, day, unit, taking, 0, day - today
      count_on_day(node, day, taking, 0)
      units = units - taking
    end
  end
  if units > 0 then error('promessa: more was taken on than a node has room for') end
  Capacity.publish(node)
end

-- Takes on what is held of lines, by node.
function Capacity.take_all_on(ties, list, first, units, slips)
  local nodes, order = {}, {}
  for i = first, #list, units.width do
    local taking = list[i + units.at]
    if taking > 0 and not is_bound(list[i + 1]) then
      local node = node_of(list[i + 1])
      if not nodes[node] then order[#order + 1] = node end
      nodes[node] = (nodes[node] or 0) + taking
    end
  end
  for _, node in ipairs(order) do take_on(ties, node, nodes[node], slips and slips[node]) end
end

-- Open and fulfilled units of a record at each node that its ties name; what is bound to inbound is nobody's work yet.
function Capacity.units_at_nodes(record)
  local found, body, ties = {}, record[RECORD.body], record[RECORD.ties]
  for i = FIRST_TIE, #ties, TIE_WIDTH do found[ties[i]] = found[ties[i]] or { open = 0, fulfilled = 0 } end
  for i = FIRST, #body, LINE do
    local at = found[node_of(body[i + 1])]
    if at and not is_bound(body[i + 1]) then
      if record[RECORD.state] ~= EXPIRED then at.open = at.open + body[i + 4] end
      at.fulfilled = at.fulfilled + body[i + 5]
    end
  end
  return found
end

-- Gives back to a node's days what a record has open no more, the latest first; what of it was fulfilled stays taken.
local function settle_node(ties, node, at, fulfilled)
  local taken = 0
  for i = FIRST_TIE, #ties, TIE_WIDTH do
    if ties[i] == node then taken = taken + ties[i + 3] end
  end
  for i = #ties - TIE_WIDTH + 1, FIRST_TIE, -TIE_WIDTH do
    if ties[i] == node and ties[i + 3] > 0 then
      local over = ties[i + 2] == ORDERS and (at.open == 0 and 1 or 0) or min(max(taken - at.open, 0), ties[i + 3])
      local done = ties[i + 2] == ORDERS and (at.fulfilled > 0 and over or 0) or min(over, fulfilled)
      if over > 0 then
        ties[i + 3], ties[i + 4] = ties[i + 3] - over, ties[i + 4] + done
        count_on_day(node, ties[i + 1], -over, done)
        taken, fulfilled = taken - over, fulfilled - done
      end
    end
  end
  Capacity.publish(node)
end

function Capacity.settle(record, before)
  local after = Capacity.units_at_nodes(record)
  for node, at in pairs(after) do
    settle_node(record[RECORD.ties], node, at, at.fulfilled - (before[node] and before[node].fulfilled or at.fulfilled))
  end
end

-- A plan of what is taken on under LIMITS (0: none), see capacity_left.
function Capacity.plan(limits)
  local plan, slips = {}, limits ~= 0 and limits[LIMITS.slips]
  for i = 1, slips and #slips or 0, 2 do
    plan.slips = plan.slips or {}
    plan.slips[slips[i]] = slips[i + 1]
  end
  return plan
end

-- Counts what is granted for its owner and on its nodes' days; the ties of the record, false if it has none.
function Capacity.tie(limits, list, first, units, plan)
  local p = -1
  if limits ~= 0 then p = limits[LIMITS.owner_partition] end
  local ties = { p, 0 }
  if plan then Capacity.take_all_on(ties, list, first, units, plan.slips) end
  ties[TIES.first] = (#ties - FIRST_TIE + 1) / TIE_WIDTH
  if p < 0 then return ties[TIES.first] > 0 and ties end
  for i = first, #list, units.width do
    if list[i + units.at] > 0 then
      Owners.add(p, Owners.sku_of(list[i + 1]) .. ':' .. limits[LIMITS.owner], list[i + units.at])
    end
  end
  Owners.add(p, ':' .. limits[LIMITS.owner], 1)
  return ties
end
end
