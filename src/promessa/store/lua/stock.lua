-- Stock: deltas, counts, safety stock.

-- Items open with partition and field; or with -1 and an outcome, where somebody before found that they cannot be applied.
local function want_items(op, items, width)
  if op[3] ~= '' then want_res(op[2], op[3]) end
  for i = 1, #items, width do
    if items[i] >= 0 then want_cell(items[i], items[i + 1]) end
  end
end

-- Runs `change(cell, items, i, op)` -> outcome for every item and stages the cells it applied to. Answer:
-- [ok, [outcome, on_hand, available ...], [partition, seq ...], the last cell]
local function feed(op, items, width, kind, reference, change)
  local first = first_answer(op)
  if first then return first end
  local results, positions, touched, last = {}, {}, {}, nil
  for i = 1, #items, width do
    local p, field, n = items[i], items[i + 1], #results
    local problem
    if p < 0 then problem = field else problem = gone(p, field) end
    if problem then
      results[n + 1], results[n + 2], results[n + 3] = problem, 0, 0
    else
      local cell = cell_of(p, field)
      local outcome = change(cell, items, i, op)
      if outcome == APPLIED then
        stage_cell(p, field, cell, kind, reference)
        touched[p] = true
      end
      results[n + 1], results[n + 2], results[n + 3] = outcome, cell[1], max(common_of(p, field, cell), 0)
      last = cell
    end
  end
  for p in pairs(touched) do
    positions[#positions + 1] = p
    positions[#positions + 1] = parts[p].seq
  end
  local copy = last and { unpack(last) } or {}
  return remember(op, { 'ok', results, positions, copy })
end

-- deltas, home, member, fingerprint, reason, [partition, field, delta ...]
local function adjust(cell, items, i)
  local on_hand = cell[1] + items[i + 2]
  if on_hand < 0 then return INSUFFICIENT end
  if on_hand > MAX_QUANTITY then return OVERFLOW end
  cell[1] = on_hand
  return APPLIED
end

function needs.deltas(op) want_items(op, op[6], 3) end
function run.deltas(op) return feed(op, op[6], 3, 'adjust', op[5], adjust) end

-- counts, home, member, fingerprint, as_of_ms (0: now), [partition, field, on_hand, unavailable, safety_stock ...],
-- expected_on_hand, expected_version; -1 stands for "as before" and "whatever it is".
local function count(cell, items, i, op)
  local as_of, expected_on_hand, expected_version = op[5] > 0 and op[5] or now, op[7], op[8]
  if expected_on_hand >= 0 and cell[1] ~= expected_on_hand then return CONFLICT end
  if expected_version >= 0 and cell[6] ~= expected_version then return CONFLICT end
  local on_hand = items[i + 2]
  local unavailable = items[i + 3] >= 0 and items[i + 3] or cell[2]
  local safety_stock = items[i + 4] >= 0 and items[i + 4] or cell[3]
  if cell[6] > 0 and cell[1] == on_hand and cell[2] == unavailable and cell[3] == safety_stock and cell[7] == as_of then
    return UNCHANGED
  end
  -- A count of the same instant was applied before: what was sold since must not come back when its file is sent again.
  local known = as_of < cell[7] or (as_of == cell[7] and op[5] > 0)
  if expected_on_hand < 0 and expected_version < 0 and known then return STALE end
  cell[1], cell[2], cell[3], cell[7] = on_hand, unavailable, safety_stock, max(as_of, cell[7])
  return APPLIED
end

function needs.counts(op) want_items(op, op[6], 5) end
function run.counts(op) return feed(op, op[6], 5, 'count', op[3], count) end

-- safety, home, member, fingerprint, [partition, field, quantity ...]
local function set_safety(cell, items, i)
  if cell[3] == items[i + 2] then return UNCHANGED end
  cell[3] = items[i + 2]
  return APPLIED
end

function needs.safety(op) want_items(op, op[5], 3) end
function run.safety(op) return feed(op, op[5], 3, 'safety', op[3], set_safety) end
