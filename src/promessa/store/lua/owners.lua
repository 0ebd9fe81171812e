-- What owners hold under hold rules that limit them.

-- `owners` of an owner's partition: `<sku_ix>:<owner>` -> units of the sku, `:<owner>` -> reservations; nothing where
-- nothing is held. Counted is a record whose ties name that partition, while it is HELD.
-- LIMITS of a hold, 0 where there is no limit; slips: how many days nodes may slip, [node_ix, days ...].
local LIMITS = { share = 1, owner_partition = 2, owner = 3, owner_units = 4, owner_holds = 5, slips = 6 }
local Owners = {} -- what is used where a rule limits owners
local TIES = { owner_partition = 1, first = 2 } -- -1: it counts for no owner; first: see `capacity.lua`

function Owners.count(p, field)
  local part = head_of(p)
  part.owners, part.owners_out = part.owners or {}, part.owners_out or {}
  local count = part.owners[field]
  if not count then
    count = tonumber(call('HGET', names_of(p).owners, field) or 0)
    part.owners[field] = count
  end
  return count
end

function Owners.add(p, field, change)
  local count, part = Owners.count(p, field) + change, dirty(p)
  part.owners[field], part.owners_out[field] = count, true
end

local function write_owners(names, part)
  for field in pairs(part.owners_out) do
    local count = part.owners[field]
    if count == 0 then call('HDEL', names.owners, field) else call('HSET', names.owners, field, instant(count)) end
  end
end

function Owners.sku_of(field)
  return string.match(cell_of_line(field), '%d+$')
end

-- What an owner may still hold under limits: a function of a field to units left of its sku, which `take` units of it
-- leave fewer of. nil if the limits say nothing of owners.
function Owners.room(limits)
  local p, owner = limits[LIMITS.owner_partition], limits[LIMITS.owner]
  if p < 0 then return nil end
  local units_max, holds_max, left = limits[LIMITS.owner_units], limits[LIMITS.owner_holds], {}
  local full = holds_max > 0 and Owners.count(p, ':' .. owner) >= holds_max
  return function(field, take)
    local sku = Owners.sku_of(field)
    if not left[sku] then
      left[sku] = units_max > 0 and max(units_max - Owners.count(p, sku .. ':' .. owner), 0) or math.huge
      if full then left[sku] = 0 end
    end
    left[sku] = left[sku] - take
    return left[sku]
  end
end

-- What counts for its owner of a record: units by sku. nil if nothing does.
function Owners.owned(record)
  local ties = record[RECORD.ties]
  if not ties or ties[TIES.owner_partition] < 0 or record[RECORD.state] ~= HELD then return nil end
  local body, units = record[RECORD.body], {}
  for i = FIRST, #body, LINE do
    local sku = Owners.sku_of(body[i + 1])
    units[sku] = (units[sku] or 0) + body[i + 4]
  end
  return units
end

-- Counts for its owner what a change of a record gave back or took; `before` is what was owned before it.
function Owners.settle(record, before)
  local after = Owners.owned(record)
  if not before and not after then return end
  local p, owner = record[RECORD.ties][TIES.owner_partition], record[RECORD.body][BODY.owner]
  for sku, units in pairs(before or {}) do Owners.add(p, sku .. ':' .. owner, -units) end
  for sku, units in pairs(after or {}) do Owners.add(p, sku .. ':' .. owner, units) end
  Owners.add(p, ':' .. owner, (after and 1 or 0) - (before and 1 or 0))
end
