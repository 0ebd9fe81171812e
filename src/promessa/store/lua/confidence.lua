-- Stock confidence: what was found and what was missing where somebody looked for units.

-- `{<ns>}:<p>:confidence` is a hash: `<node_ix>:<stock class>` -> thousandths of units found, missing, and the ms at which
-- they weigh that, as consecutive MessagePack integers. Evidence halves every half_life_ms; see domain/confidence.py.
local function evidence_of(p, field)
  local part = head_of(p)
  part.confidence = part.confidence or {}
  local found = part.confidence[field]
  if not found then
    local packed = call('HGET', names_of(p).confidence, field)
    found = packed and { unpack_one(packed) } or { 0, 0, 0 }
    part.confidence[field] = found
  end
  return found
end

local function weighs(units, ms, half_life)
  return math.floor(units * 0.5 ^ (max(now - ms, 0) / half_life) + 0.5)
end

-- checks, home, member, fingerprint, half_life_ms, then for each check partition, field, found, missing (thousandths)
-- -> [ok | replayed] | [reused, fingerprint]
function needs.checks(op)
  if op[3] ~= '' then want_res(op[2], op[3]) end
end

function run.checks(op)
  local first = first_answer(op)
  if first then return first end
  for i = 6, #op, 4 do
    local evidence, half_life = evidence_of(op[i], op[i + 1]), op[5]
    evidence[1] = weighs(evidence[1], evidence[3], half_life) + op[i + 2]
    evidence[2] = weighs(evidence[2], evidence[3], half_life) + op[i + 3]
    evidence[3] = max(now, evidence[3])
    dirty(op[i])
  end
  return remember(op, { 'ok' })
end
