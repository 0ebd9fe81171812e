-- The allocation pools of a cell: units kept for channels. The same rules are in domain/pools.py.

-- `a:<field of the cell>` of a partition's `pools` is an array of pools, ordered by channel; so it stands in the log, empty
-- once there are none. A cell with pools has a ninth value: how many units they keep from what is common. strategy 0 is a
-- pool that was cleared or gave back: it keeps nothing, and counts what reservations have drawn of it until they end. Where
-- units are not counted no pool keeps any.
local POOL = { channel = 1, strategy = 2, permille = 3, units = 4, gives_back = 5, drawn = 6 }
local CLOSED, RING_FENCED, COUNT_SOURCE = 0, 9, 10
local Pools = {} -- what is used where a cell may have pools
local common_of

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
local STRICT, OWN_FIRST = 1, 2 -- and 3: COMMON_FIRST
local TO_LOG, LOGGED = 1, 2

-- The pools of a cell as a table. `pools_out` names the fields whose pools have changed.
function Pools.of(p, field)
  local part = head_of(p)
  part.pools, part.pools_out = part.pools or {}, part.pools_out or {}
  local pools = part.pools[field]
  if not pools then
    local packed = call('HGET', names_of(p).pools, 'a:' .. field)
    pools = packed and unpack_one(packed) or {}
    part.pools[field] = pools
  end
  return pools
end

function Pools.touch(p, field)
  parts[p].pools_out[field] = TO_LOG
end

function Pools.rewrite(p, field)
  parts[p].pools_out[field] = parts[p].pools_out[field] or LOGGED
end

-- The instant decides whether a pool gave back, not the sweep that closes it.
function Pools.is_open(pool)
  return pool[POOL.strategy] ~= CLOSED and (pool[POOL.gives_back] == 0 or pool[POOL.gives_back] > now)
end

-- Units a pool keeps that nobody has drawn. A share is one of what could be sold of the cell but for promises.
function Pools.unused(pool, cell)
  if cell[8] or not Pools.is_open(pool) then return 0 end
  local quota = pool[POOL.units]
  if pool[POOL.permille] > 0 then
    quota = math.floor(max(cell[1] - cell[2] - cell[3], 0) * pool[POOL.permille] / 1000)
  end
  return max(quota - pool[POOL.drawn], 0)
end

local function fenced(pools, cell)
  local units = 0
  for _, pool in ipairs(pools) do units = units + Pools.unused(pool, cell) end
  return units
end

-- Where a channel takes units from, in order: pools, and false for what is common.
local function sources_of(pools, claim)
  local order, channel = { false }, channel_in(claim)
  for _, pool in ipairs(pools) do -- the pools of a path come in its order
    local name = pool[POOL.channel]
    if (name == channel or sub(channel, 1, #name + 1) == name .. '/') and Pools.is_open(pool) then
      if pool[POOL.strategy] == STRICT then order = { pool }
      elseif pool[POOL.strategy] == OWN_FIRST then table.insert(order, 1, pool)
      else order[#order + 1] = pool end
    end
  end
  return order
end

-- Units of a cell with pools that a channel may take ('' is none); below zero where more is promised or withheld than there is.
function Pools.units_for(p, field, cell, channel)
  local free = free_of(cell)
  if free <= 0 or cell[8] then return free end
  local pools, units = Pools.of(p, field), 0
  local common = max(free - fenced(pools, cell), 0)
  for _, pool in ipairs(sources_of(pools, channel or '')) do
    units = units + (pool and Pools.unused(pool, cell) or common)
  end
  return min(units, free)
end

-- Units that can be promised of a cell without a channel; below zero where it is in deficit.
function common_of(p, field, cell)
  return cell[RING_FENCED] and Pools.units_for(p, field, cell, '') or free_of(cell)
end

-- Takes units for a channel before they are held; adds to `draws` what came from pools: field, channel of the pool, units.
function Pools.draw(p, field, cell, units, draws)
  if cell[8] then return end
  local pools = Pools.of(p, field)
  local common = max(available(cell) - fenced(pools, cell), 0)
  for _, pool in ipairs(sources_of(pools, draws[1])) do
    local share = min(units, pool and Pools.unused(pool, cell) or common)
    units = units - share
    if pool and share > 0 then
      local n = #draws
      draws[n + 1], draws[n + 2], draws[n + 3] = field, pool[POOL.channel], share
      pool[POOL.drawn] = pool[POOL.drawn] + share
      Pools.touch(p, field)
    end
  end
  if units > 0 then error('promessa: a channel draws more than there is for it') end
end

function Pools.find(pools, channel)
  for i, pool in ipairs(pools) do
    if pool[POOL.channel] == channel then return pool, i end
  end
end

function Pools.insert(pools, pool)
  local at = 1
  while pools[at] and pools[at][POOL.channel] < pool[POOL.channel] do at = at + 1 end
  table.insert(pools, at, pool)
end

local function close_pool(pool)
  pool[POOL.strategy], pool[POOL.permille], pool[POOL.units], pool[POOL.gives_back] = CLOSED, 0, 0, 0
end

-- Closes the pools whose time has come and forgets closed ones that nobody draws from; what is kept then.
function Pools.settle(p, field, cell)
  local pools = Pools.of(p, field)
  for i = #pools, 1, -1 do
    local pool = pools[i]
    if pool[POOL.strategy] ~= CLOSED and not Pools.is_open(pool) then
      close_pool(pool)
      Pools.touch(p, field)
    end
    if pool[POOL.strategy] == CLOSED and pool[POOL.drawn] == 0 then
      table.remove(pools, i)
      Pools.touch(p, field)
    end
  end
  cell[8] = cell[8] or false
  cell[RING_FENCED] = #pools > 0 and fenced(pools, cell)
  return pools
end

-- Settles the pools of a cell, and logs them before it where they have changed: who follows the log knows them when it comes
-- to the cell.
function Pools.log(part, p, field, cell)
  local pools = Pools.settle(p, field, cell)
  if part.pools_out[field] == TO_LOG then
    local log, n = part.log, part.log_n
    log[n + 1], log[n + 2] = 'a:' .. field, #pools > 0 and pack(pools) or ''
    part.log_n, part.pools_out[field] = n + 2, LOGGED
  end
end

function Pools.write(names, part)
  for field in pairs(part.pools_out) do
    local pools, member, first = part.pools[field], 'a:' .. field, nil
    for _, pool in ipairs(pools) do
      local at = pool[POOL.gives_back]
      if at > 0 and at < (first or at + 1) then first = at end
    end
    if #pools > 0 then call('HSET', names.pools, member, pack(pools)) else call('HDEL', names.pools, member) end
    if first then call('ZADD', names.due, instant(first), member) else call('ZREM', names.due, member) end
  end
end
end
