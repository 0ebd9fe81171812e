-- Why units cannot be sold.

-- `unavailable` of a partition: field of a cell -> [reason, units, ...] in the order of reasons, none of zero units. They are
-- a part of the cell's unavailable units; for what is more no reason is known, and it goes by UNKNOWN_REASON.
local UNKNOWN_REASON, NOT_FOUND_REASON = 'unspecified', 'not_found'
local Reasons = {}

function Reasons.of(p, field)
  local part = head_of(p)
  part.reasons, part.reasons_out = part.reasons or {}, part.reasons_out or {}
  local reasons = part.reasons[field]
  if not reasons then
    local packed, flat = call('HGET', names_of(p).unavailable, field), {}
    if packed then flat = unpack_one(packed) end
    reasons = {}
    for i = 1, #flat, 2 do reasons[flat[i]] = flat[i + 1] end
    part.reasons[field] = reasons
  end
  return reasons
end

function Reasons.flat(reasons)
  local names, flat = {}, {}
  for name, units in pairs(reasons) do
    if units > 0 then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do flat[2 * i - 1], flat[2 * i] = name, reasons[name] end
  return flat
end

-- The reasons of a cell, under the change of it just staged.
function Reasons.stage(p, field)
  local part, flat = parts[p], Reasons.flat(Reasons.of(p, field))
  local log, n = part.log, part.log_n
  log[n + 1], log[n + 2] = 'u:' .. field, pack(flat)
  part.log_n, part.reasons_out[field] = n + 2, flat
end

local function write_reasons(names, part)
  for field, flat in pairs(part.reasons_out) do
    if flat[1] then call('HSET', names.unavailable, field, pack(flat)) else call('HDEL', names.unavailable, field) end
  end
end

function Reasons.units(cell, reasons, name)
  if name ~= UNKNOWN_REASON then return reasons[name] or 0 end
  local units = cell[2]
  for _, known in pairs(reasons) do units = units - known end
  return units
end

-- A count left fewer units unavailable than there are reasons for: what was not found before is counted now, then those without
-- a reason went, then the last reasons by name. Whether there are any.
function Reasons.counted(p, field, unavailable)
  local reasons = Reasons.of(p, field)
  local known = next(reasons) ~= nil
  reasons[NOT_FOUND_REASON] = nil
  local flat, left = Reasons.flat(reasons), unavailable
  for i = 1, #flat, 2 do
    reasons[flat[i]] = min(flat[i + 1], left)
    left = left - reasons[flat[i]]
  end
  return known
end
