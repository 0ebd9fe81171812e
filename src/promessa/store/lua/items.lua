-- Items of feeds: cells that are changed one by one, each with a result of its own.

-- Items open with partition and field; or with -1 and an outcome, where somebody before found that they cannot be applied.
local function want_items(op, items, width)
  want_request(op[2], op[3])
  for i = 1, #items, width do
    if items[i] >= 0 then want_cell(items[i], items[i + 1]) end
  end
end

-- Reads the states of all skus of a feed at once, where there are any that matter.
local function look_at_skus(items, width)
  if head_of(partitions).inactive == 0 then return end
  for i = 1, #items, width do
    if items[i] >= 0 then want_cell(partitions, 's:' .. string.match(items[i + 1], '%d+$')) end
  end
  load_cells(partitions, parts[partitions])
end

local function want_items_and_moves(op, items, width)
  want_items(op, items, width)
  for i = 1, #items, width do
    if items[i] >= 0 then want_moves(items[i], items[i + 1]) end
  end
end

-- Runs `change(cell, items, i, op)` -> outcome, whether reasons changed, for every item and stages what it applied to. Answer:
-- [ok, [outcome, on_hand, available ...], [partition, seq ...], the last cell]
local function apply_items(op, items, width, kind, reference, change)
  local results, positions, touched, last, n = {}, {}, {}, nil, 0
  look_at_skus(items, width)
  local any_gone = head_of(partitions).inactive > 0
  for i = 1, #items, width do
    local p, field = items[i], items[i + 1]
    local problem = p < 0 and field
    if not problem and (any_gone or parts[p].inactive > 0) then problem = gone(p, field) end
    if problem then
      results[n + 1], results[n + 2], results[n + 3] = problem, 0, 0
    else
      local cell = cell_of(p, field)
      local short = deficit(cell)
      local outcome, reasons = change(cell, items, i, op)
      if outcome == APPLIED then
        follow_rules(p, field, cell)
        stage_cell(p, field, cell, kind, reference)
        if reasons then Reasons.stage(p, field) end
        note_deficit(p, field, short, cell)
        touched[p] = true
      end
      local common = common_of(p, field, cell)
      results[n + 1], results[n + 2], results[n + 3] = outcome, cell[1], common > 0 and common or 0
      last = cell
    end
    n = n + 3
  end
  for p in pairs(touched) do
    positions[#positions + 1] = p
    positions[#positions + 1] = parts[p].seq
  end
  return { 'ok', results, positions, last and { unpack(last) } or {} }
end
