-- What a reservation has drawn from pools.

-- DRAWS of a record made for a channel: the channel, then field of a cell, channel of a pool, and units for each pool it
-- has drawn from. They are units of the record's lines in stock at that cell; the rest of those are common. When fewer
-- units are left open, common ones are the first to go.

local channel_of, settle_draws

do
function channel_of(record)
  return record[RECORD.draws] and record[RECORD.draws][1] or ''
end

-- Units of a record in stock at each cell, as it is now.
local function open_in_stock(record)
  local body, open = record[RECORD.body], {}
  if record[RECORD.state] ~= HELD and record[RECORD.state] ~= CONFIRMED then return open end
  for i = FIRST, #body, LINE do
    local field, bound = cell_of_line(body[i + 1])
    if body[i + 4] > 0 and not bound then open[field] = (open[field] or 0) + body[i + 4] end
  end
  return open
end

-- The pools of a cell have changed.
function Pools.stage(p, field, cell, kind, reference)
  Pools.touch(p, field)
  cell[RING_FENCED] = 0
  stage_cell(p, field, cell, kind, reference)
end

-- Units back to the pool they came from; with `consumed` they have left the node, and its quota with them.
local function give_to_pool(field, channel, units, consumed, member)
  local p = tonumber(string.match(field, '^%d+')) % partitions
  local cell, pools = cell_of(p, field), Pools.of(p, field)
  local pool = Pools.find(pools, channel)
  pool[POOL.drawn] = pool[POOL.drawn] - units
  if consumed then pool[POOL.units] = max(pool[POOL.units] - units, 0) end
  Pools.stage(p, field, cell, consumed and 'consume' or 'return', member)
end

-- Makes the draws of a record those of its open units. Comes before the record is staged, and after its lines have changed.
function settle_draws(record, member, consumed)
  local draws = record[RECORD.draws]
  if not draws or #draws == 1 then return end
  local open, kept = open_in_stock(record), { draws[1] }
  for i = 2, #draws, 3 do
    local field, channel, units = draws[i], draws[i + 1], draws[i + 2]
    local keep, n = min(units, open[field] or 0), #kept
    open[field] = (open[field] or 0) - keep
    if keep > 0 then kept[n + 1], kept[n + 2], kept[n + 3] = field, channel, keep end
    if keep < units then give_to_pool(field, channel, units - keep, consumed, member) end
  end
  record[RECORD.draws] = kept
end

-- Pools of a cell whose time has come are closed; what they kept is common.
function Pools.give_back(p, field)
  for _, pool in ipairs(Pools.of(p, field)) do
    if pool[POOL.strategy] ~= CLOSED and not Pools.is_open(pool) then
      return Pools.stage(p, field, cell_of(p, field), 'give_back', field)
    end
  end
  dirty(p)
  Pools.rewrite(p, field) -- settled before; when they are due is written again
end
end
