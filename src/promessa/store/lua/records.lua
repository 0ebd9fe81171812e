-- Reservation records: what all operations on them share.

-- What a record takes besides units of cells: of its owner's limits and of its nodes' days. nil if nothing.
local function extras_of(record)
  return record[RECORD.ties] and { owned = Owners.owned(record), nodes = Capacity.units_at_nodes(record) }
end

-- A record as a table, false if there is none; `extras` is what it took besides units of cells when it was read or staged.
local function record_of(p, member)
  local packed = res_of(p, member)
  local record = packed and not is_answer(packed) and { unpack_one(packed) }
  if record then record.extras = extras_of(record) end
  return record
end

-- What follows the body of a record: its ties, its DRAWS if it was made for a channel, and 1 if it is part of an order.
local function packed_tail(ties, draws, adopted)
  if adopted then return pack(ties or false, draws or false, adopted) end
  if draws then return pack(ties or false, draws) end
  return ties and pack(ties) or ''
end

local function pack_record(record)
  local packed = pack(record[1], record[2], record[3], record[4], record[5], record[6])
  return packed .. packed_tail(record[RECORD.ties], record[RECORD.draws], record[RECORD.adopted])
end

-- Stages a record, and counts what it gave back or took besides units of cells: of pools too, whose quotas what was `consumed`
-- leaves with.
local function stage_record(home, member, record, due_at, consumed)
  local before = record.extras
  settle_draws(record, member, consumed)
  if before then
    Owners.settle(record, before.owned)
    Capacity.settle(record, before.nodes)
    record.extras = extras_of(record)
  end
  stage_res(home, member, pack_record(record), due_at)
end

-- ABOUT of a reservation, consecutive MessagePack values: owner, order, channel; and where units were short a list of field,
-- requested, granted, available, reason of each line that was. Of a sourced order what was decided follows, see `about.py`; the
-- list stands before it in any case. It stands in the log in the change that makes a reservation or refuses it, and in a
-- confirmation that names an order; '' if there is nothing to say. A refusal is its home's.
local function log_about(p, kind, member, about)
  if about == '' then return end
  local part = log_change(p, kind, member)
  local log, n = part.log, part.log_n
  log[n + 1], log[n + 2] = 'about:', about
  part.log_n = n + 2
end

-- An ABOUT with what was short of a body.
local function with_short(about, body)
  local owner, order, channel, short, _, decision = '', '', '', {}
  if about ~= '' then owner, order, channel, _, decision = unpack_one(about) end
  for i = FIRST, #body, LINE do
    if body[i + 7] ~= 0 then
      local n = #short
      short[n + 1], short[n + 2], short[n + 3] = body[i + 1], body[i + 2], body[i + 3]
      short[n + 4], short[n + 5] = body[i + 6], body[i + 7]
    end
  end
  if decision then return pack(owner, order, channel, short, decision) end
  return pack(owner, order, channel, short)
end

-- Remembers a refusal for its request id, and says it in the log, where `keep` is 1. -> the record
local function refuse(home, member, body, about, keep)
  local packed = pack(RELEASED, now, now, 0, REFUSED, body)
  if keep == 1 then
    log_about(home, 'refuse', member, with_short(about, body))
    stage_res(home, member, packed, now + retention)
  end
  return packed
end

-- Takes `quantity` units of line i of a body out of its cell's held (4) or committed (5) count.
local function let_go(body, i, quantity, column)
  local cell = counts_of(body[i], body[i + 1])
  cell[column] = cell[column] - quantity
  body[i + 4] = body[i + 4] - quantity
  return cell
end

-- The column of a cell that counts the open units of a record.
local function column_of(record)
  return record[RECORD.state] == HELD and 4 or 5
end

local function expire(home, member, record)
  local body = record[RECORD.body]
  for i = FIRST, #body, LINE do
    local open = body[i + 4]
    if open > 0 then
      local cell = counts_of(body[i], body[i + 1])
      cell[4] = cell[4] - open
      stage_counts(body[i], body[i + 1], cell, 'expire', home, member, 0)
    end
  end
  record[RECORD.state], record[RECORD.updated] = EXPIRED, now
  stage_record(home, member, record, now + retention)
end

local function want_cells_of(record)
  local body = record[RECORD.body]
  for i = FIRST, #body, LINE do
    if body[i + 4] > 0 then want_cell(body[i], (cell_of_line(body[i + 1]))) end
  end
end

-- Returns due holds of one partition to stock and forgets members past their retention; at most `limit`, and never one
-- that this very call has changed; pools that are due are added to `giving`. -> members looked at
local function reap(p, limit, giving)
  local part = head_of(p)
  local found = call('ZRANGEBYSCORE', names_of(p).due, '-inf', instant(now), 'LIMIT', part.taken, limit)
  part.taken = part.taken + #found -- the sorted set shows them until the call writes
  local changed, due, holds = {}, {}, {}
  for i = 1, #part.staged, 3 do changed[part.staged[i]] = true end
  for member in pairs(part.turns or {}) do changed[member] = true end
  for _, member in ipairs(found) do
    if sub(member, 1, 2) == 'a:' then
      giving[#giving + 1], giving[#giving + 2] = p, sub(member, 3)
    elseif not changed[member] then
      due[#due + 1] = member
      want_res(p, member)
    end
  end
  load_res(p, part)
  for _, member in ipairs(due) do
    local record = sub(member, 1, 2) == 'r:' and record_of(p, member)
    if sub(member, 1, 2) == 'n:' then
      Capacity.turn_day(tonumber(sub(member, 3)))
    elseif sub(member, 1, 2) == 'u:' then
      Nodes.end_pause(p, sub(member, 3))
    elseif sub(member, 1, 2) == 'o:' then
      Orders.forget(p, sub(member, 3))
    elseif record and record[RECORD.state] == HELD then
      holds[member] = record
      want_cells_of(record)
    else
      stage_res(p, member, false, false)
    end
  end
  load_all(load_cells)
  for _, member in ipairs(due) do
    local record = holds[member]
    if record and record[RECORD.expires] <= now then expire(p, member, record) end
  end
  return #found
end

-- reap of all partitions, at most `limit` of each, and `total` of all; then what pools give back. -> members looked at
local function reap_all(limit, total)
  local giving, members = {}, 0
  for p = 0, partitions - 1 do
    if members < total then members = members + reap(p, min(limit, total - members), giving) end
  end
  for i = 1, #giving, 2 do Pools.give_back(giving[i], giving[i + 1]) end
  return members
end

-- Whether no hold of any partition is due any more.
local function reap_everything()
  if reaped then return true end
  for p = 0, partitions - 1 do head_of(p) end -- first all clocks, then what is due by the latest
  reap_left = reap_left - reap_all(reap_left, reap_left)
  reaped = reap_left > 0
  return reaped
end

-- Why a cell takes no change, nil if it does: its node or its sku was deleted, or its sku is a kit, whatever the caller has
-- heard.
local function gone(p, field)
  local part, skus = head_of(p), head_of(partitions)
  if part.inactive > 0 and field_of(p, 'n:' .. string.match(field, '^%d+')) == '3' then return UNKNOWN_NODE end
  if skus.inactive == 0 then return nil end
  local state = sku_state(field)
  return state == DELETED_SKU and UNKNOWN_SKU or state == KIT_SKU and IS_KIT or nil
end

local function takes_orders(p, field)
  if parts[p].inactive == 0 then return true end
  local node = string.match(field, '^%d+') -- a line that is short may be at no node
  return not node or (field_of(p, 'n:' .. node) or '1') == '1'
end

-- Units that can be promised of a cell, and why there are no more. With held_share_max only so many thousandths of what
-- could be sold but for holds may be held, these included; of a cell with pools, what there is for the channel; with a
-- fulfilment method, what its rules leave. `channel` is a claim, see METHOD.
local function promisable(p, field, held_share_max, channel)
  local cell = cell_of(p, field)
  local free = free_of(cell)
  if not takes_orders(p, field) then return 0, NODE_PAUSED end
  local able, reason = free, NO_STOCK
  if cell[RING_FENCED] then
    able = Pools.units_for(p, field, cell, channel)
    if able < free then reason = KEPT_FOR_OTHERS end
  end
  local method = channel and channel ~= '' and not cell[8] and method_of(channel)
  if method then
    local left = free - kept_from(field, cell, method)
    if left < able then able, reason = left, NO_STOCK end
  end
  if held_share_max and held_share_max > 0 and not cell[8] then
    local room = math.floor((free + cell[4]) * held_share_max / 1000) - cell[4]
    if room < able then return max(room, 0), HOLD_LIMIT end
  end
  return max(able, 0), reason
end

local function hold(p, field, units, member, draws)
  local cell = cell_of(p, field)
  if draws and cell[RING_FENCED] then Pools.draw(p, field, cell, units, draws) end
  cell[4] = cell[4] + units
  if free_of(cell) < 0 then error('promessa: two lines of a reservation name one cell') end
  stage_cell(p, field, cell, 'hold', member)
end

-- The first answer to a request id that made a reservation or a refusal, or nil.
local function replay_reservation(op)
  local packed = res_of(op[2], op[3])
  if not packed then return nil end
  dirty(op[2])
  local fingerprint, record = fingerprint_of(packed), record_of(op[2], op[3])
  if not record or fingerprint ~= unpack_one(op[4])[BODY.fingerprint] then return { 'reused', fingerprint } end
  local body = record[RECORD.body]
  return add_positions({ 'replayed', pack_record(record) }, body, FIRST, LINE, 3)
end

-- Where a record's line of a cell begins, nil if there is none.
local function line_of(body, field)
  for i = FIRST, #body, LINE do
    if body[i + 1] == field then return i end
  end
end

-- The operations by name. needs: wants what can be known from the arguments; follow: wants what that names;
-- run: decides, stages, and answers.
local needs, follow, run = {}, {}, {}

-- What becomes of a reservation, by the name of the operation; steps of orders use it, too: see reservation_life.lua.
local Life = {}
