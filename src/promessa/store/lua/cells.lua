-- Reading: what this call sees of cells and members.

-- A partition as this call sees it. cells and res: what was read or staged (false: not there), by field and member.
-- A cell that was used is a table. out: what HSET will write to cells. staged: member, value (false: forget it) and when
-- it is due (false: never), in order; where a member comes again, the last counts.
local function open_partition(p)
  local part = { cells = {}, want = {}, res = {}, res_want = {}, seq = nil, inactive = 0, taken = 0, dirty = false,
    out = { 'seq', '', 'clock', '' }, out_n = 4, staged = {}, entries = {}, log = nil, log_n = CHUNK, kind = nil, reference = nil }
  parts[p] = part
  return part
end

-- Names of the other keys of a partition: the same for ever, so they are built once.
local key_names = {}

local function names_of(p)
  local cells = cells_keys[p + 1]
  local names = key_names[cells]
  if not names then
    local prefix = sub(cells, 1, -6)
    names = { cells = cells, res = prefix .. 'res', due = prefix .. 'due', log = prefix .. 'log',
      supply = prefix .. 'supply', confidence = prefix .. 'confidence', moves = prefix .. 'moves',
      deficits = prefix .. 'deficits', owners = prefix .. 'owners', capacity = prefix .. 'capacity',
      safety = prefix .. 'safety', unavailable = prefix .. 'unavailable', pools = prefix .. 'pools',
      history = prefix .. 'history', loads = prefix .. 'loads', orders = prefix .. 'orders', placed = prefix .. 'placed',
      unsourced = prefix .. 'unsourced', work = prefix .. 'work:' }
    key_names[cells] = names
  end
  return names
end

-- An instant as text. Redis would print a number with a format that is as slow as the rest of the operation.
local function instant(ms)
  local text = texts[ms]
  if not text then
    text = format('%.0f', ms)
    texts[ms] = text
  end
  return text
end

local function fetch(key, fields, into)
  for first = 1, #fields, CHUNK do
    local last = min(first + CHUNK - 1, #fields)
    local values = call('HMGET', key, unpack(fields, first, last))
    for i = first, last do
      into[fields[i]] = values[i - first + 1]
    end
  end
end

local function want_cell(p, field)
  local part = parts[p] or open_partition(p)
  if part.cells[field] == nil then
    part.cells[field] = false
    part.want[#part.want + 1] = field
  end
end

local function want_res(p, member)
  local part = parts[p] or open_partition(p)
  if part.res[member] == nil then
    part.res[member] = false
    part.res_want[#part.res_want + 1] = member
  end
end

local capped_lists = {} -- by key of the cells hash, the list parsed last

-- The nodes of a partition that have a capacity, as a set; nil if none has.
local function capped_of(p, packed)
  if not packed then return nil end
  local known = capped_lists[cells_keys[p + 1]]
  if not known or known.packed ~= packed then
    known = { packed = packed, nodes = {} }
    for _, node in ipairs(unpack_one(packed)) do known.nodes[node] = true end
    if not next(known.nodes) then known.nodes = nil end
    capped_lists[cells_keys[p + 1]] = known
  end
  return known.nodes
end

-- Reads what is wanted of a partition's cells; the first time also its head.
local function load_cells(p, part)
  local want = part.want
  local first_time = part.seq == nil
  if first_time then
    local n = #want
    want[n + 1], want[n + 2], want[n + 3], want[n + 4] = 'seq', 'clock', 'inactive', 'capped'
  end
  if #want == 0 then return end
  fetch(cells_keys[p + 1], want, part.cells)
  part.want = {}
  if first_time then
    part.seq, part.inactive = tonumber(part.cells.seq or 0), tonumber(part.cells.inactive or 0)
    part.capped = part.cells.capped and capped_of(p, part.cells.capped)
    now = max(now, tonumber(part.cells.clock or 0))
  end
end

local function load_res(p, part)
  if #part.res_want == 0 then return end
  fetch(names_of(p).res, part.res_want, part.res)
  part.res_want = {}
end

local function load_all(load)
  for p, part in pairs(parts) do load(p, part) end
end

local function head_of(p)
  local part = parts[p] or open_partition(p)
  if not part.seq then load_cells(p, part) end
  return part
end

-- The raw value of a field of the cells hash that is no cell, false if there is none.
local function field_of(p, field)
  local part = head_of(p)
  if part.cells[field] == nil then
    want_cell(p, field)
    load_cells(p, part)
  end
  return part.cells[field]
end

-- The cell as a table, all zeros if it does not exist yet.
local function cell_of(p, field)
  local part = parts[p]
  local cell = part and part.cells[field] or field_of(p, field)
  if type(cell) ~= 'table' then
    cell = cell and { unpack_one(cell) } or { 0, 0, 0, 0, 0, 0, 0 }
    parts[p].cells[field] = cell
  end
  return cell
end

local function available(cell)
  return cell[1] - cell[2] - cell[3] - cell[4] - cell[5]
end

-- What can be promised of a cell: where units are not counted (its eighth value is the supply mode) as much as it can hold.
local function free_of(cell)
  if cell[8] then return MAX_QUANTITY - cell[4] - cell[5] end
  return available(cell)
end

-- The state of a cell's sku.
local function sku_state(field)
  if head_of(partitions).inactive == 0 then return STOCKED_SKU end
  return field_of(partitions, 's:' .. string.match(field, '%d+$')) or STOCKED_SKU
end

-- The MessagePack value of a member, false if there is none.
local function res_of(p, member)
  local part = head_of(p)
  if part.res[member] == nil then
    want_res(p, member)
    load_res(p, part)
  end
  return part.res[member]
end
