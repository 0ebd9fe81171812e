-- Evidence of what is on shelves: what was found and what was missing where somebody looked for units.

-- `{<ns>}:<p>:confidence` is a hash: `<node_ix>:<stock class>` -> thousandths of units found, missing, and the ms at which
-- they weigh that, as consecutive MessagePack integers. `c:<sku_ix>` of the catalogue's cells hash is the stock class of a sku
-- that has one. What is here is what domain/confidence.py says.
local Evidence = {}

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
local HALF_LIFE_MS, PRIOR_FOUND, PRIOR_MISSING = 60 * 24 * 3600 * 1000, 19000, 1000

function Evidence.of(p, field)
  local part = head_of(p)
  part.evidence, part.evidence_out = part.evidence or {}, part.evidence_out or {}
  local found = part.evidence[field]
  if not found then
    local packed = call('HGET', names_of(p).confidence, field)
    found = packed and { unpack_one(packed) } or { 0, 0, 0 }
    part.evidence[field] = found
  end
  return found
end

local function weighs(units, ms)
  return math.floor(units * 0.5 ^ (max(now - ms, 0) / HALF_LIFE_MS) + 0.5)
end

function Evidence.add(p, field, found, missing)
  local evidence = Evidence.of(p, field)
  evidence[1] = weighs(evidence[1], evidence[3]) + found
  evidence[2] = weighs(evidence[2], evidence[3]) + missing
  evidence[3] = max(now, evidence[3])
  dirty(p).evidence_out[field] = true
end

-- Thousandths of the units of a cell that can be believed in now.
function Evidence.confidence(field)
  local node, sku = string.match(field, '^(%d+):(%d+)$')
  local evidence = Evidence.of(node % partitions, node .. ':' .. (field_of(partitions, 'c:' .. sku) or ''))
  local found, missing = weighs(evidence[1], evidence[3]), weighs(evidence[2], evidence[3])
  return math.floor((found + PRIOR_FOUND) * 1000 / (found + missing + PRIOR_FOUND + PRIOR_MISSING))
end

function Evidence.write(names, part)
  for field in pairs(part.evidence_out) do call('HSET', names.confidence, field, pack(unpack(part.evidence[field]))) end
end
end
