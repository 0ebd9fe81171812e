-- Staging: what this call will write, in tables; nothing here reaches the store.

local function dirty(p)
  local part = parts[p]
  if not part or not part.seq then part = head_of(p) end
  part.dirty = true
  return part
end

-- Opens a change in the partition's log; the cells staged next belong to it.
local function log_change(p, kind, reference)
  local part = dirty(p)
  local n = part.log_n
  if n >= CHUNK then
    part.seq = part.seq + 1
    part.log, n = { instant(part.seq) .. '-0', 't', instant(now) }, 3
    part.entries[#part.entries + 1] = part.log
  elseif part.reference == reference and part.kind == kind then
    return part
  end
  part.log[n + 1], part.log[n + 2] = kind, reference
  part.log_n, part.kind, part.reference = n + 2, kind, reference
  return part
end

-- The after-value of a field: into the log, under the change just opened, and among what will be written.
local function stage_field(part, field, value)
  local log, n, out, m = part.log, part.log_n, part.out, part.out_n
  log[n + 1], log[n + 2] = field, value
  out[m + 1], out[m + 2] = field, value
  part.log_n, part.out_n = n + 2, m + 2
end

-- The supply mode of a sku's cells: 2 without end, 3 made to order; nil where units are counted.
local function mode_of(state)
  return state == INFINITE_SKU and 2 or state == MADE_TO_ORDER_SKU and 3 or nil
end

local function stage_cell(p, field, cell, kind, reference)
  if cell[6] == 0 then cell[8] = mode_of(sku_state(field)) or cell[8] end
  local part = log_change(p, kind, reference)
  cell[6] = cell[6] + 1
  if cell[RING_FENCED] then Pools.log(part, p, field, cell) end
  if cell[COUNT_SOURCE] then
    local mode, fenced = cell[8] or false, cell[RING_FENCED] or false
    return stage_field(part, field,
      pack(cell[1], cell[2], cell[3], cell[4], cell[5], cell[6], cell[7], mode, fenced, cell[COUNT_SOURCE]))
  end
  if cell[RING_FENCED] then
    return stage_field(part, field, pack(cell[1], cell[2], cell[3], cell[4], cell[5], cell[6], cell[7], cell[8], cell[9]))
  end
  if cell[8] then
    return stage_field(part, field, pack(cell[1], cell[2], cell[3], cell[4], cell[5], cell[6], cell[7], cell[8]))
  end
  stage_field(part, field, pack(cell[1], cell[2], cell[3], cell[4], cell[5], cell[6], cell[7]))
end

local function stage_value(p, field, value, kind, reference)
  local part = log_change(p, kind, reference)
  if p == partitions then History.note(part, field, value, kind, reference) end
  stage_field(part, field, value)
  part.cells[field] = value
end

-- A member of res as MessagePack (false: forget it), and when it is due (false: never).
local function stage_res(p, member, packed, due_at)
  local part = dirty(p)
  local staged = part.staged
  local n = #staged
  staged[n + 1], staged[n + 2], staged[n + 3] = member, packed, due_at
  part.res[member] = packed
end

-- A member of due that is no member of res: when it is due (nil: not any more).
local function stage_turn(p, member, due_at)
  local part = dirty(p)
  part.turns = part.turns or {}
  part.turns[member] = due_at or false
end

-- Adds partition and seq of every line with units to an answer: what a reader needs to have seen to see the effect.
-- Lines begin at `first` of the list, are `width` long, open with the partition and have their units at `units`.
local function add_positions(answer, list, first, width, units)
  for i = first, #list, width do
    if list[i + units] > 0 then
      local p, n, known = list[i], #answer, false
      for j = 3, n, 2 do known = known or answer[j] == p end
      if not known then answer[n + 1], answer[n + 2] = p, head_of(p).seq end
    end
  end
  return answer
end

-- A command with many values, in as many commands as it takes.
local function write_list(command, key, list, n)
  if n <= CHUNK then
    if n > 0 then call(command, key, unpack(list, 1, n)) end
    return
  end
  for first = 1, n, CHUNK do call(command, key, unpack(list, first, min(first + CHUNK - 1, n))) end
end
