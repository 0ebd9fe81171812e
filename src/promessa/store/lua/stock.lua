-- Stock: deltas, counts, safety stock.

-- Items open with partition and field; or with -1 and an outcome, where somebody before found that they cannot be applied.
local function want_items(op, items, width)
  if op[3] ~= '' then want_res(op[2], op[3]) end
  for i = 1, #items, width do
    if items[i] >= 0 then want_cell(items[i], items[i + 1]) end
  end
end

-- Why a cell takes no change any more, nil if it does: its node or its sku was deleted, whatever the caller has heard.
local function gone(p, field)
  local part, skus = head_of(p), head_of(partitions)
  if part.inactive > 0 and field_of(p, 'n:' .. string.match(field, '^%d+')) == '3' then return UNKNOWN_NODE end
  if skus.inactive > 0 and field_of(partitions, 's:' .. string.match(field, '%d+$')) == '3' then return UNKNOWN_SKU end
end

-- Runs `change(cell, items, i, op, p, field)` -> outcome, whether its reasons changed, for every item and stages the cells it applied to. Answer:
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
      local outcome, reasons = change(cell, items, i, op, p, field)
      if outcome == APPLIED then
        follow_rules(p, field, cell)
        stage_cell(p, field, cell, kind, reference)
        if reasons then stage_reasons(p, field) end
        touched[p] = true
      end
      results[n + 1], results[n + 2], results[n + 3] = outcome, cell[1], max(available(cell), 0)
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
local function count(cell, items, i, op, p, field)
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
  if items[i + 4] >= 0 then mark_own(p, field) end
  local fewer = unavailable < cell[2]
  cell[1], cell[2], cell[3], cell[7] = on_hand, unavailable, safety_stock, max(as_of, cell[7])
  return APPLIED, fewer and fit_reasons(p, field, unavailable)
end

function needs.counts(op) want_items(op, op[6], 5) end
function run.counts(op) return feed(op, op[6], 5, 'count', op[3], count) end

-- safety, home, member, fingerprint, [partition, field, quantity ...]; -1 stands for what the rules say
local function set_safety(cell, items, i, op, p, field)
  local units = items[i + 2]
  if units < 0 then
    local book = safety_book()
    units = book and safety_by_rules(book, field, '', cell[1]) or 0
    if book then stage_mark(p, field, RULED) end
  else
    mark_own(p, field)
  end
  if cell[3] == units then return UNCHANGED end
  cell[3] = units
  return APPLIED
end

function needs.safety(op) want_items(op, op[5], 3) end
function run.safety(op) return feed(op, op[5], 3, 'safety', op[3], set_safety) end

-- reclassify, home, member, fingerprint, [partition, field, units, from, to]: units of one reason to another, '' stands for
-- sellable -> as the other feeds, and last [reason, units ...]
local function reclassify(cell, items, i, op, p, field)
  local units, from, to, reasons = items[i + 2], items[i + 3], items[i + 4], reasons_of(p, field)
  local there = from == '' and cell[1] - cell[2] or units_of_reason(cell, reasons, from)
  if there < units then return INSUFFICIENT end
  if from ~= '' and from ~= UNKNOWN_REASON then reasons[from] = reasons[from] - units end
  if to ~= '' and to ~= UNKNOWN_REASON then reasons[to] = (reasons[to] or 0) + units end
  cell[2] = cell[2] - (from ~= '' and units or 0) + (to ~= '' and units or 0)
  return APPLIED, true
end

function needs.reclassify(op) want_items(op, op[5], 5) end
function run.reclassify(op)
  local first = first_answer(op)
  if first then return first end
  local answer = feed({ op[1], op[2], '', op[4] }, op[5], 5, 'reclassify', op[3], reclassify)
  answer[5] = flat_reasons(reasons_of(op[5][1], op[5][2]))
  return remember(op, answer)
end

-- rules, version, [partition, field ...] -> [ok] | [changed]: the cells as the rules of this version say.
function needs.rules(op)
  for i = 1, #op[3], 2 do want_cell(op[3][i], op[3][i + 1]) end
end

function run.rules(op)
  local book = safety_book()
  if not book or book.version ~= op[2] then return { 'changed' } end
  for i = 1, #op[3], 2 do
    local p, field = op[3][i], op[3][i + 1]
    local cell = cell_of(p, field)
    if not follows_rules(p, field, cell) then
      if not mark_of(p, field) then stage_mark(p, field, MARKED) end
    elseif apply_rules(book, p, field, cell) then
      stage_cell(p, field, cell, 'safety', 'rules')
    end
  end
  return { 'ok' }
end

-- rules_settled, version -> [ok] | [changed]: every cell has been looked at with these rules.
function needs.rules_settled() end
function run.rules_settled(op)
  if field_of(partitions, 'safety') ~= op[2] then return { 'changed' } end
  stage_of_rules('settled', op[2])
  stage_of_rules('adopted', '1')
  return { 'ok' }
end
