-- Allocation pools: set, clear, move units between them.

local POOLS_MAX = 64 -- as in domain/limits.py

-- set_pool and move_pool share: [name, home, member, fingerprint, partition, field of the cell, ...] -> [ok | replayed, ...,
-- partition, seq] | [reused, fingerprint] | [no_pool, channel] | a refusal
local function operation_on_pools(name, act)
  needs[name] = function(op)
    want_request(op[2], op[3])
    want_cell(op[5], op[6])
  end
  run[name] = function(op)
    local first = first_answer(op)
    if first then return first end
    local p, field = op[5], op[6]
    local problem = gone(p, field)
    if problem then return { 'gone', problem } end
    local answer = act(op, p, field, cell_of(p, field))
    if answer[1] == 'no_pool' then return answer end
    return remember(op, answer)
  end
end

-- What a pool is like for who asks: as it is stored, and what of it nobody has drawn.
local function pool_answer(pool, cell)
  local answer = { unpack(pool) }
  answer[#answer + 1] = Pools.unused(pool, cell)
  return answer
end

local function total_permille(pools, but)
  local total = 0
  for _, pool in ipairs(pools) do
    if Pools.is_open(pool) and pool[POOL.channel] ~= but then total = total + pool[POOL.permille] end
  end
  return total
end

-- set_pool ..., channel, strategy, permille, units, gives_back (0: never) -> [ok, pool, partition, seq] | [past] |
-- [shares, total permille] | [pool_limit]. strategy 0 clears the pool; clearing what is not there changes nothing.
operation_on_pools('set_pool', function(op, p, field, cell)
  local channel, strategy, permille, units, gives_back = op[7], op[8], op[9], op[10], op[11]
  local pools = Pools.of(p, field)
  local pool = Pools.find(pools, channel)
  if gives_back > 0 and gives_back <= now then return { 'past' } end
  local total = total_permille(pools, channel) + permille
  if total > 1000 then return { 'shares', total } end
  if not pool and strategy == CLOSED then return { 'ok', { channel, CLOSED, 0, 0, 0, 0, 0 } } end
  if not pool then
    Pools.settle(p, field, cell)
    if #pools >= POOLS_MAX then return { 'pool_limit' } end
    pool = { channel, CLOSED, 0, 0, 0, 0 }
    Pools.insert(pools, pool)
  end
  pool[POOL.strategy], pool[POOL.permille], pool[POOL.units], pool[POOL.gives_back] = strategy, permille, units, gives_back
  Pools.stage(p, field, cell, 'allocate', channel)
  return { 'ok', pool_answer(pool, cell), p, parts[p].seq }
end)

-- A pool that units can be moved from or to, or a refusal, which names the `side` of the request. '' is what is common.
local function movable(pools, channel, side)
  local pool = channel ~= '' and Pools.find(pools, channel)
  if channel == '' then return false end
  if not pool or not Pools.is_open(pool) then return nil, { 'no_pool', channel } end
  if pool[POOL.permille] > 0 then return nil, { 'share_pool', side } end
  return pool
end

-- move_pool ..., from, to, units -> [ok, 1 if they were moved, units that could be, partition, seq] | [share_pool, side].
-- Of a pool only what nobody has drawn can be moved, and of what is common only what can be promised.
operation_on_pools('move_pool', function(op, p, field, cell)
  local units, pools = op[9], Pools.of(p, field)
  local from, problem = movable(pools, op[7], 'from_channel')
  if problem then return problem end
  local to, problem_there = movable(pools, op[8], 'to_channel')
  if problem_there then return problem_there end
  local function able() return from and Pools.unused(from, cell) or max(common_of(p, field, cell), 0) end
  if able() < units then reap_everything() end
  local most = able()
  if most < units then return { 'ok', 0, most } end
  if from then from[POOL.units] = from[POOL.units] - units end
  if to then to[POOL.units] = to[POOL.units] + units end
  Pools.stage(p, field, cell, 'allocate', op[7] .. '>' .. op[8])
  return { 'ok', 1, most, p, parts[p].seq }
end)
