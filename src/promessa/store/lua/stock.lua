-- Counts of stock, and safety stock.

-- counts, home, member, fingerprint, as_of_ms (0: now), [partition, field, on_hand, unavailable, safety_stock ...],
-- expected_on_hand, expected_version, source (empty: not named); -1 stands for "as before" and "whatever it is" -> also [future]
local COUNT = 5

-- Units of a cell that are withheld because somebody looked for some in vain: a count says whether they are there.
local function doubted(p, field, cell)
  return cell[2] > 0 and Reasons.of(p, field)[NOT_FOUND_REASON] or 0
end

-- What a count makes of a cell: outcome, and if it applies on hand, unavailable, safety stock, as_of. What moved after
-- as_of comes on top. Who expects a value or a version has seen the cell, so what it moved is in the count.
local function counted(cell, items, i, op)
  local as_of, expected_on_hand, expected_version = op[5] > 0 and op[5] or max(now, cell[7]), op[7], op[8]
  if expected_on_hand >= 0 and cell[1] ~= expected_on_hand then return CONFLICT end
  if expected_version >= 0 and cell[6] ~= expected_version then return CONFLICT end
  local on_hand = items[i + 2]
  local unavailable = items[i + 3] >= 0 and items[i + 3] or cell[2] - doubted(items[i], items[i + 1], cell)
  local safety_stock = items[i + 4] >= 0 and items[i + 4] or cell[3]
  if cell[6] > 0 and cell[1] == on_hand and cell[2] == unavailable and cell[3] == safety_stock and cell[7] == as_of then
    return UNCHANGED
  end
  if expected_on_hand < 0 and expected_version < 0 then
    -- A count of the same instant was applied before: what was sold since must not come back when its file is sent again.
    if as_of < cell[7] or (as_of == cell[7] and op[5] > 0) then return STALE end
    local moved = moved_since(items[i], items[i + 1], as_of)
    if not moved then return TOO_OLD end
    on_hand = max(on_hand + moved, 0)
    if on_hand > MAX_QUANTITY then return OVERFLOW end
  end
  if items[i + 4] < 0 then safety_stock = safety_after(items[i], items[i + 1], cell, on_hand) end
  return APPLIED, on_hand, unavailable, safety_stock, max(as_of, cell[7])
end

local function count(cell, items, i, op)
  local outcome, on_hand, unavailable, safety_stock, as_of = counted(cell, items, i, op)
  local told = outcome == APPLIED and (unavailable < cell[2] or doubted(items[i], items[i + 1], cell) > 0)
  if outcome == APPLIED then
    if items[i + 4] >= 0 then mark_own(items[i], items[i + 1]) end
    if items[i + 4] >= 0 then cell[3] = safety_stock end -- else see follow_rules
    cell[1], cell[2], cell[7] = on_hand, unavailable, as_of
    if op[9] ~= '' or cell[COUNT_SOURCE] then -- an array without holes, for it is answered, too
      cell[8], cell[RING_FENCED], cell[COUNT_SOURCE] = cell[8] or false, cell[RING_FENCED] or false, op[9] ~= '' and op[9]
    end
    forget_moves(items[i], items[i + 1], as_of)
  end
  return outcome, told and Reasons.counted(items[i], items[i + 1], unavailable)
end

function needs.counts(op) want_items_and_moves(op, op[6], COUNT) end
function run.counts(op)
  local first = first_answer(op)
  if first then return first end
  if op[5] > now + CLOCK_ALLOWANCE then return { 'future' } end
  return remember(op, apply_items(op, op[6], COUNT, 'count', op[3], count))
end

-- preview, 0, '', '', as_of_ms, items, -1, -1 as of counts -> [ok, [outcome, on_hand, available, on_hand after, available
-- after ...]] | [future]. What counts would do, each by itself; nothing is changed.
function needs.preview(op) want_items_and_moves(op, op[6], COUNT) end
function run.preview(op)
  if op[5] > now + CLOCK_ALLOWANCE then return { 'future' } end
  local items, found = op[6], {}
  for i = 1, #items, COUNT do
    local n, outcome, before, after = #found, items[i + 1], { 0, 0, 0, 0, 0 }, nil
    if items[i] >= 0 then outcome = gone(items[i], items[i + 1]) end
    if not outcome then
      before = cell_of(items[i], items[i + 1])
      local on_hand, unavailable, safety_stock
      outcome, on_hand, unavailable, safety_stock = counted(before, items, i, op)
      after = on_hand and { on_hand, unavailable, safety_stock, before[4], before[5], 0, 0, before[8], before[RING_FENCED] }
    end
    after = after or before
    found[n + 1], found[n + 2], found[n + 3] = outcome, before[1], max(common_of(items[i], items[i + 1], before), 0)
    found[n + 4], found[n + 5] = after[1], max(common_of(items[i], items[i + 1], after), 0)
  end
  return { 'ok', found }
end

-- safety, home, member, fingerprint, [partition, field, quantity ...]; -1 stands for what the rules say
local function set_safety(cell, items, i)
  local p, field, units = items[i], items[i + 1], items[i + 2]
  if units < 0 then
    local book = Safety.book()
    units = book and Safety.units_for(book, field, '', cell[1]) or 0
    if book then Safety.stage_mark(p, field, RULED) end
  else
    mark_own(p, field)
  end
  if cell[3] == units then return UNCHANGED end
  cell[3] = units
  return APPLIED
end

function needs.safety(op) want_items(op, op[5], 3) end
function run.safety(op)
  return first_answer(op) or remember(op, apply_items(op, op[5], 3, 'safety', op[3], set_safety))
end

-- reclassify, home, member, fingerprint, [partition, field, units, from, to]: units of one reason to another, '' stands for
-- sellable -> as the other feeds, and last [reason, units ...]
local function reclassify(cell, items, i)
  local units, from, to, reasons = items[i + 2], items[i + 3], items[i + 4], Reasons.of(items[i], items[i + 1])
  local there = from == '' and cell[1] - cell[2] or Reasons.units(cell, reasons, from)
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
  local answer = apply_items(op, op[5], 5, 'reclassify', op[3], reclassify)
  answer[5] = Reasons.flat(Reasons.of(op[5][1], op[5][2]))
  return remember(op, answer)
end

-- rules, version, [partition, field ...] -> [ok] | [changed]: the cells as the rules of this version say.
function needs.rules(op)
  for i = 1, #op[3], 2 do want_cell(op[3][i], op[3][i + 1]) end
end

function run.rules(op)
  local book = Safety.book()
  if not book or book.version ~= op[2] then return { 'changed' } end
  for i = 1, #op[3], 2 do
    local p, field = op[3][i], op[3][i + 1]
    local cell = cell_of(p, field)
    if not Safety.follows_rules(p, field, cell) then
      if not Safety.mark_of(p, field) then Safety.stage_mark(p, field, MARKED) end
    elseif Safety.apply_rules(book, p, field, cell) then
      stage_cell(p, field, cell, 'safety', 'rules')
    end
  end
  return { 'ok' }
end

-- rules_age -> [ok]: where a rule goes by confidence, which changes with time, cells are looked at anew once a day.
function needs.rules_age() end
function run.rules_age()
  local book, day = Safety.book(), instant(math.floor(now / 86400000))
  if book and book.by_confidence and field_of(partitions, 'aged') ~= day then
    Safety.stage('aged', day)
    Safety.renew('aged', day)
  end
  return { 'ok' }
end

-- rules_settled, version -> [ok] | [changed]: every cell has been looked at with these rules.
function needs.rules_settled() end
function run.rules_settled(op)
  if field_of(partitions, 'safety') ~= op[2] then return { 'changed' } end
  Safety.stage('settled', op[2])
  Safety.stage('adopted', '1')
  return { 'ok' }
end
