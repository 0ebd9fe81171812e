#!lua name=promessa_v1
--[[
The write side of promessa: every change of stock, reservations and catalogue is one call of promessa_v1_apply.

KEYS      KEYS[p + 1] is `{<ns>:<p>}:cells` of partition p, for p = 0 .. P-1; KEYS[P + 1] is the catalogue's. Declared
          are always all of them; the other keys of a partition share its hash tag and end in res, due, log.
  cells   hash   `<node_ix>:<sku_ix>` -> cell: on_hand, unavailable, safety_stock, held, committed, version,
                 counted_at_ms, as consecutive MessagePack integers; `n:<node_ix>` -> state of a node (1 active,
                 2 paused, 3 deleted); `seq` -> sequence of the last log entry; `clock` -> ms of the last change.
                 In the catalogue: `<kind>:<id>` -> [index, JSON or false once deleted, node state];
                 `next:<kind>` -> next index.
  res     hash   `r:<request_id>` -> reservation record (see RECORD); `q:<request_id>` -> [fingerprint, answer].
  due     zset   member of res -> ms when it expires (a hold) or may be forgotten (anything final).
  log     stream `<seq>-0`, contiguous. t: ms. Then, per change in order: k: kind, r: what it refers to, and a pair of
                 field and after-value for every cell (or catalogue record) it touched. One entry per partition and
                 call, so that nobody ever sees half a call; more only where one would be very long.
ARGV      ARGV[1] MessagePack [now_ms or 0, retention_ms]; ARGV[2..] one operation each, a MessagePack array that opens
          with its name. Node n lives in partition n mod P; `home` is the partition of a request id.
RETURNS   one MessagePack array with one answer per operation: [word, ...]. The words are mapped in store/answers.py.

INVARIANTS
  held and committed of a cell are the sums of open units of the HELD and CONFIRMED records that name it.
  A hold of q is granted only if on_hand - unavailable - safety_stock - held - committed >= q at that instant.
  A hold is refused for want of stock only after every due hold has been returned to stock.
  Redis does not roll back: an operation reads and decides on tables, and the call writes once, at its end, with
  commands that cannot fail.
VERSION   The library's name is its contract. A change of meaning is promessa_v2 beside it.
--]]

local RECORD = { fingerprint = 1, state = 2, created = 3, updated = 4, expires = 5, ttl = 6, owner = 7, order = 8,
  outcome = 9, lines = 10, extra = 11 }
-- A record's lines are flat: node, sku, requested, granted, open, fulfilled, available, reason.
local LINE = 8
local HELD, CONFIRMED, FULFILLED, RELEASED, EXPIRED = 1, 2, 3, 4, 5
local RESERVED, PARTIAL, REFUSED = 1, 2, 3
local NO_STOCK, NODE_PAUSED = 1, 2
local APPLIED, UNCHANGED, STALE, INSUFFICIENT, CONFLICT, OVERFLOW = 1, 2, 3, 4, 8, 9
local MAX_QUANTITY = 1000000000000
local CHUNK = 2000

local ctx -- the call under way: a function runs alone, and apply() sets this first

--== reading =========================================================================================================

local function new_partition()
  return { seq = nil, clock = 0, cells = {}, res = {}, write = {}, res_write = {}, due = {}, undue = {}, log = nil,
    entries = {}, dirty = false, want = {}, res_want = {} }
end

local function partition(p)
  local part = ctx.parts[p]
  if not part then
    part = new_partition()
    ctx.parts[p] = part
  end
  return part
end

local function fetch(key, fields, into)
  for first = 1, #fields, CHUNK do
    local last = math.min(first + CHUNK - 1, #fields)
    local values = redis.call('HMGET', key, unpack(fields, first, last))
    for i = first, last do
      into[fields[i]] = values[i - first + 1]
    end
  end
end

local function load_head(p, part)
  if part.seq then return end
  local head = redis.call('HMGET', ctx.keys[p + 1], 'seq', 'clock')
  part.seq = tonumber(head[1] or 0)
  part.clock = tonumber(head[2] or 0)
  ctx.now = math.max(ctx.now, part.clock)
end

local function want_cell(p, field)
  local want = partition(p).want
  want[#want + 1] = field
end

local function want_res(p, member)
  local want = partition(p).res_want
  want[#want + 1] = member
end

-- One HMGET per hash for everything the operations said they need.
local function prefetch()
  for p, part in pairs(ctx.parts) do
    local want = part.want
    want[#want + 1] = 'seq'
    want[#want + 1] = 'clock'
    fetch(ctx.keys[p + 1], want, part.cells)
    part.seq = tonumber(part.cells.seq or 0)
    part.clock = tonumber(part.cells.clock or 0)
    ctx.now = math.max(ctx.now, part.clock)
    if #part.res_want > 0 then fetch(ctx.res[p + 1], part.res_want, part.res) end
  end
end

-- The raw value of a field of the cells hash, nil if there is none.
local function field_of(p, field)
  local part = partition(p)
  local value = part.cells[field]
  if value == nil then
    load_head(p, part)
    value = redis.call('HGET', ctx.keys[p + 1], field)
    part.cells[field] = value
  end
  return value or nil
end

-- The cell as a table, all zeros if it does not exist yet.
local function cell_of(p, field)
  local raw = field_of(p, field)
  if type(raw) == 'table' then return raw end
  local cell
  if raw then
    cell = { cmsgpack.unpack(raw) }
    cell.exists = true
  else
    cell = { 0, 0, 0, 0, 0, 0, 0 }
  end
  ctx.parts[p].cells[field] = cell
  return cell
end

local function available(cell)
  return cell[1] - cell[2] - cell[3] - cell[4] - cell[5]
end

local function res_of(p, member)
  local part = partition(p)
  local value = part.res[member]
  if value == nil then
    load_head(p, part)
    value = redis.call('HGET', ctx.res[p + 1], member)
    part.res[member] = value
  end
  return value or nil
end

local function record_of(p, id)
  local raw = res_of(p, 'r:' .. id)
  if type(raw) == 'table' then return raw end
  if not raw then return nil end
  local record = cmsgpack.unpack(raw)
  ctx.parts[p].res['r:' .. id] = record
  return record
end

--== staging (tables only; nothing here reaches the store) ===========================================================

local function dirty(p)
  local part = partition(p)
  load_head(p, part)
  part.dirty = true
  return part
end

-- Opens a change in the partition's log; the cells staged next belong to it.
local function log_change(p, kind, reference)
  local part = dirty(p)
  local log = part.log
  if not log or #log >= CHUNK then
    part.seq = part.seq + 1
    log = { string.format('%.0f-0', part.seq), 't', ctx.now }
    part.log = log
    part.entries[#part.entries + 1] = log
  end
  local n = #log
  log[n + 1], log[n + 2], log[n + 3], log[n + 4] = 'k', kind, 'r', reference
  part.open_kind, part.open_reference = kind, reference
end

local function stage_field(p, field, value)
  local part = ctx.parts[p]
  if #part.log >= CHUNK then log_change(p, part.open_kind, part.open_reference) end
  local log = part.log
  local n = #log
  log[n + 1], log[n + 2] = field, value
  part.write[field] = value
end

local function stage_cell(p, field, cell)
  cell[6] = cell[6] + 1
  cell.exists = true
  stage_field(p, field, cmsgpack.pack(cell[1], cell[2], cell[3], cell[4], cell[5], cell[6], cell[7]))
end

local function stage_record(home, id, record, due_at)
  local part = dirty(home)
  local member = 'r:' .. id
  part.res[member] = record
  part.res_write[member] = record
  if due_at then
    part.due[member] = due_at
    part.undue[member] = nil
  else
    part.due[member] = nil
    part.undue[member] = true
  end
end

local function position(tokens, p)
  local n = #tokens
  for i = 1, n, 2 do
    if tokens[i] == p then
      tokens[i + 1] = ctx.parts[p].seq
      return
    end
  end
  tokens[n + 1], tokens[n + 2] = p, ctx.parts[p].seq
end

-- Where the partitions of a record's lines are now: what a reader needs to have seen to see the record's effect.
local function positions_of(record)
  local lines, tokens = record[RECORD.lines], {}
  for i = 1, #lines, LINE do
    local p = lines[i] % ctx.partitions
    load_head(p, partition(p))
    position(tokens, p)
  end
  return tokens
end

--== idempotency =====================================================================================================

-- The first answer of a request id, or a refusal of its reuse, or nil. The replay writes the partition's clock, so that
-- a WAIT or WAITAOF after it covers the first answer.
local function first_answer(home, id, fingerprint)
  if id == '' then return nil end
  local stored = res_of(home, 'q:' .. id)
  if not stored then return nil end
  if type(stored) ~= 'table' then stored = cmsgpack.unpack(stored) end
  dirty(home)
  if stored[1] ~= fingerprint then return { 'reused', stored[1] } end
  return { 'replayed', stored[2] }
end

local function remember(home, id, fingerprint, answer)
  if id == '' then return answer end
  local part = dirty(home)
  local member = 'q:' .. id
  local stored = { fingerprint, answer }
  part.res[member] = stored
  part.res_write[member] = stored
  part.due[member] = ctx.now + ctx.retention
  return answer
end

--== reservations ====================================================================================================

-- Takes `quantity` units of line i out of its cell's held (or committed) count.
local function let_go(record, i, quantity, column)
  local lines = record[RECORD.lines]
  local p = lines[i] % ctx.partitions
  local field = lines[i] .. ':' .. lines[i + 1]
  local cell = cell_of(p, field)
  cell[column] = cell[column] - quantity
  lines[i + 4] = lines[i + 4] - quantity
  return p, field, cell
end

local function expire(home, id, record)
  local lines = record[RECORD.lines]
  for i = 1, #lines, LINE do
    local open = lines[i + 4]
    if open > 0 then
      local p, field, cell = let_go(record, i, open, 4)
      log_change(p, 'expire', id)
      stage_cell(p, field, cell)
    end
  end
  record[RECORD.state] = EXPIRED
  record[RECORD.updated] = ctx.now
  stage_record(home, id, record, ctx.now + ctx.retention)
end

local function forget(p, member)
  local part = dirty(p)
  part.res[member] = false
  part.res_write[member] = false
  part.due[member] = nil
  part.undue[member] = true
end

-- Returns due holds of one partition to stock and forgets records past their retention; at most `limit` members.
local function reap(p, limit)
  local part = partition(p)
  load_head(p, part)
  local members = redis.call('ZRANGEBYSCORE', ctx.due[p + 1], '-inf', ctx.now, 'LIMIT', 0, limit)
  local fields = {}
  for _, member in ipairs(members) do
    if part.res[member] == nil then fields[#fields + 1] = member end
  end
  if #fields > 0 then fetch(ctx.res[p + 1], fields, part.res) end
  for _, member in ipairs(members) do
    local staged = part.due[member] -- changed by an operation of this very call: its own time decides
    if (staged == nil or staged <= ctx.now) and not part.undue[member] then
      local id = string.sub(member, 3)
      local record = string.sub(member, 1, 2) == 'r:' and record_of(p, id)
      if record and record[RECORD.state] == HELD then
        if record[RECORD.expires] <= ctx.now then expire(p, id, record) end
      else
        forget(p, member)
      end
    end
  end
  -- Holds made and due within this very call are in no sorted set yet; they are at least a second away.
  return #members
end

local function reap_everything()
  if ctx.reaped then return end
  ctx.reaped = true
  for p = 0, ctx.partitions - 1 do
    while reap(p, CHUNK) == CHUNK do
      -- What was reaped is staged, not written: the sorted set still shows it, so take all the rest at once.
      reap(p, 1000000000)
      break
    end
  end
end

local function short(lines)
  for i = 1, #lines, 3 do
    local node = lines[i]
    local p = node % ctx.partitions
    if available(cell_of(p, node .. ':' .. lines[i + 1])) < lines[i + 2] then return true end
  end
  return false
end

-- [node, sku, requested, granted, open, fulfilled, available, reason] of every line, and what that amounts to.
local function grant(lines, all_or_nothing)
  local granted, total, whole = {}, 0, true
  for i = 1, #lines, 3 do
    local node, quantity = lines[i], lines[i + 2]
    local p = node % ctx.partitions
    local free = math.max(available(cell_of(p, node .. ':' .. lines[i + 1])), 0)
    local reason = 0
    if (field_of(p, 'n:' .. node) or '1') ~= '1' then
      reason, free = NODE_PAUSED, 0
    elseif free < quantity then
      reason = NO_STOCK
    end
    local take = math.min(free, quantity)
    if reason ~= 0 then whole = false end
    total = total + take
    local n = #granted
    granted[n + 1], granted[n + 2], granted[n + 3], granted[n + 4] = node, lines[i + 1], quantity, take
    granted[n + 5], granted[n + 6], granted[n + 7], granted[n + 8] = take, 0, free, reason
  end
  if whole then return granted, RESERVED end
  if all_or_nothing or total == 0 then
    for i = 1, #granted, LINE do granted[i + 3], granted[i + 4] = 0, 0 end
    return granted, REFUSED
  end
  return granted, PARTIAL
end

local function replay_reservation(home, id, fingerprint)
  local record = record_of(home, id)
  if not record then return nil end
  dirty(home)
  if record[RECORD.fingerprint] ~= fingerprint then return { 'reused', record[RECORD.fingerprint] } end
  return { 'replayed', record, positions_of(record) }
end

local needs, run = {}, {}

-- reserve, home, request_id, fingerprint, all_or_nothing, ttl_ms, owner, order, [node, sku, quantity ...], extra,
-- keep_refusal -> [ok | replayed, record, [partition, seq ...]] | [reused, fingerprint]
-- Lines name each cell once. A refusal is remembered only if keep_refusal is 1.
function needs.reserve(op)
  want_res(op[2], 'r:' .. op[3])
  local lines = op[9]
  for i = 1, #lines, 3 do
    local p = lines[i] % ctx.partitions
    want_cell(p, lines[i] .. ':' .. lines[i + 1])
    want_cell(p, 'n:' .. lines[i])
  end
end

function run.reserve(op)
  local home, id, lines = op[2], op[3], op[9]
  local replay = replay_reservation(home, id, op[4])
  if replay then return replay end
  if short(lines) then reap_everything() end
  local granted, outcome = grant(lines, op[5] == 1)
  local state, due_at, expires = HELD, ctx.now + op[6], ctx.now + op[6]
  if outcome == REFUSED then state, due_at, expires = RELEASED, ctx.now + ctx.retention, 0 end
  local record = { op[4], state, ctx.now, ctx.now, expires, op[6], op[7], op[8], outcome, granted, op[10] }
  local tokens = {}
  if outcome == REFUSED then
    if op[11] ~= 1 then return { 'ok', record, tokens } end
  else
    for i = 1, #granted, LINE do
      local take = granted[i + 3]
      if take > 0 then
        local p = granted[i] % ctx.partitions
        local field = granted[i] .. ':' .. granted[i + 1]
        local cell = cell_of(p, field)
        cell[4] = cell[4] + take
        log_change(p, 'hold', id)
        stage_cell(p, field, cell)
        position(tokens, p)
      end
    end
  end
  stage_record(home, id, record, due_at)
  return { 'ok', record, tokens }
end

-- refuse, home, request_id, fingerprint, owner, order, [lines as in a record], extra -> as reserve
-- Remembers that nothing could be planned for this request id.
function needs.refuse(op)
  want_res(op[2], 'r:' .. op[3])
end

function run.refuse(op)
  local replay = replay_reservation(op[2], op[3], op[4])
  if replay then return replay end
  local record = { op[4], RELEASED, ctx.now, ctx.now, 0, 0, op[5], op[6], REFUSED, op[7], op[8] }
  stage_record(op[2], op[3], record, ctx.now + ctx.retention)
  return { 'ok', record, {} }
end

-- What confirm, extend, release and fulfill share: [name, home of the request, request_id, fingerprint, home of the
-- reservation, reservation_id, ...] -> [ok | replayed, record, [partition, seq ...]] | [reused, fingerprint] |
-- [not_found] | [expired, expires] | [wrong_state, state] | [exceeds, node, sku, open]
local function needs_reservation(op)
  want_res(op[2], 'q:' .. op[3])
  want_res(op[5], 'r:' .. op[6])
end

local function on_reservation(op, act)
  local first = first_answer(op[2], op[3], op[4])
  if first then
    if first[1] == 'reused' then return first end
    local answer = first[2]
    if answer[1] == 'ok' then return { 'replayed', answer[2], answer[3] } end
    return answer
  end
  local home, id = op[5], op[6]
  local record = record_of(home, id)
  if not record or record[RECORD.outcome] == REFUSED then return { 'not_found' } end
  if record[RECORD.state] == HELD and record[RECORD.expires] <= ctx.now then expire(home, id, record) end
  local answer
  if record[RECORD.state] == EXPIRED then
    answer = { 'expired', record[RECORD.expires] }
  else
    -- The answer outlives this instant, and the record moves on: keep a copy as it is now.
    answer = act(op, home, id, record)
      or { 'ok', cmsgpack.unpack(cmsgpack.pack(record)), positions_of(record) }
  end
  return remember(op[2], op[3], op[4], answer)
end

local function wrong_state(record)
  return { 'wrong_state', record[RECORD.state] }
end

local function confirm(op, home, id, record)
  if record[RECORD.state] == CONFIRMED then return nil end
  if record[RECORD.state] ~= HELD then return wrong_state(record) end
  local lines = record[RECORD.lines]
  for i = 1, #lines, LINE do
    local open = lines[i + 4]
    if open > 0 then
      local p = lines[i] % ctx.partitions
      local field = lines[i] .. ':' .. lines[i + 1]
      local cell = cell_of(p, field)
      cell[4], cell[5] = cell[4] - open, cell[5] + open
      log_change(p, 'confirm', id)
      stage_cell(p, field, cell)
    end
  end
  record[RECORD.state], record[RECORD.updated], record[RECORD.expires] = CONFIRMED, ctx.now, 0
  if op[7] ~= '' then record[RECORD.order] = op[7] end
  stage_record(home, id, record, nil)
end

local function extend(op, home, id, record)
  if record[RECORD.state] ~= HELD then return wrong_state(record) end
  record[RECORD.expires], record[RECORD.updated] = ctx.now + op[7], ctx.now
  log_change(home, 'extend', id)
  stage_record(home, id, record, record[RECORD.expires])
end

-- How many units of each line to take: all that is open, or those asked for. nil and the first line that has too few.
local function taken(record, asked)
  local lines, take = record[RECORD.lines], {}
  if #asked == 0 then
    for i = 1, #lines, LINE do take[i] = lines[i + 4] end
    return take
  end
  for j = 1, #asked, 3 do
    local found = false
    for i = 1, #lines, LINE do
      if lines[i] == asked[j] and lines[i + 1] == asked[j + 1] then
        found = true
        take[i] = (take[i] or 0) + asked[j + 2]
        if take[i] > lines[i + 4] then return nil, { 'exceeds', asked[j], asked[j + 1], lines[i + 4] } end
      end
    end
    if not found then return nil, { 'exceeds', asked[j], asked[j + 1], 0 } end
  end
  return take
end

local function close_if_done(home, id, record)
  local lines = record[RECORD.lines]
  local open, fulfilled = 0, 0
  for i = 1, #lines, LINE do
    open, fulfilled = open + lines[i + 4], fulfilled + lines[i + 5]
  end
  record[RECORD.updated] = ctx.now
  if open == 0 then
    record[RECORD.state] = fulfilled > 0 and FULFILLED or RELEASED
    record[RECORD.expires] = 0
    stage_record(home, id, record, ctx.now + ctx.retention)
  elseif record[RECORD.state] == HELD then
    stage_record(home, id, record, record[RECORD.expires])
  else
    stage_record(home, id, record, nil)
  end
end

local function release(op, home, id, record)
  local state = record[RECORD.state]
  if state == RELEASED and #op[7] == 0 then return nil end
  if state ~= HELD and state ~= CONFIRMED then return wrong_state(record) end
  local take, problem = taken(record, op[7])
  if not take then return problem end
  local lines = record[RECORD.lines]
  for i = 1, #lines, LINE do
    if (take[i] or 0) > 0 then
      local p, field, cell = let_go(record, i, take[i], state == HELD and 4 or 5)
      log_change(p, 'release', id)
      stage_cell(p, field, cell)
    end
  end
  close_if_done(home, id, record)
end

local function fulfill(op, home, id, record)
  local state = record[RECORD.state]
  if state == FULFILLED and #op[7] == 0 then return nil end
  if state ~= CONFIRMED then return wrong_state(record) end
  local take, problem = taken(record, op[7])
  if not take then return problem end
  local lines = record[RECORD.lines]
  for i = 1, #lines, LINE do
    if (take[i] or 0) > 0 then
      local p, field, cell = let_go(record, i, take[i], 5)
      cell[1] = math.max(cell[1] - take[i], 0)
      lines[i + 5] = lines[i + 5] + take[i]
      log_change(p, 'fulfill', id)
      stage_cell(p, field, cell)
    end
  end
  close_if_done(home, id, record)
end

-- confirm ..., order | extend ..., ttl_ms | release ..., [node, sku, quantity ...] | fulfill ..., [the same]
needs.confirm, needs.extend, needs.release, needs.fulfill =
  needs_reservation, needs_reservation, needs_reservation, needs_reservation
function run.confirm(op) return on_reservation(op, confirm) end
function run.extend(op) return on_reservation(op, extend) end
function run.release(op) return on_reservation(op, release) end
function run.fulfill(op) return on_reservation(op, fulfill) end

--== stock ===========================================================================================================

local function want_items(op, items, width)
  if op[3] ~= '' then want_res(op[2], 'q:' .. op[3]) end
  for i = 1, #items, width do
    want_cell(items[i] % ctx.partitions, items[i] .. ':' .. items[i + 1])
  end
end

-- Runs `change(cell, i)` -> outcome for every item and stages the cells it applied to. Answer:
-- [ok, [outcome, on_hand, available ...], [partition, seq ...], the last cell]
local function feed(op, items, width, kind, reference, change)
  local first = first_answer(op[2], op[3], op[4])
  if first then
    if first[1] == 'reused' then return first end
    return { 'replayed', first[2][2], first[2][3], first[2][4] }
  end
  local results, tokens, last = {}, {}, nil
  local opened = {}
  for i = 1, #items, width do
    local p = items[i] % ctx.partitions
    local field = items[i] .. ':' .. items[i + 1]
    local cell = cell_of(p, field)
    local outcome = change(cell, i)
    if outcome == APPLIED then
      if not opened[p] then
        log_change(p, kind, reference)
        opened[p] = true
      end
      stage_cell(p, field, cell)
      position(tokens, p)
    end
    local n = #results
    results[n + 1], results[n + 2], results[n + 3] = outcome, cell[1], math.max(available(cell), 0)
    last = cell
  end
  local copy = last and { last[1], last[2], last[3], last[4], last[5], last[6], last[7] } or {}
  return remember(op[2], op[3], op[4], { 'ok', results, tokens, copy })
end

-- deltas, home, request_id, fingerprint, reason, [node, sku, delta ...]
function needs.deltas(op) want_items(op, op[6], 3) end
function run.deltas(op)
  local items = op[6]
  return feed(op, items, 3, 'adjust', op[5], function(cell, i)
    local on_hand = cell[1] + items[i + 2]
    if on_hand < 0 then return INSUFFICIENT end
    if on_hand > MAX_QUANTITY then return OVERFLOW end
    cell[1] = on_hand
    return APPLIED
  end)
end

-- counts, home, request_id, fingerprint, as_of_ms (0: now), [node, sku, on_hand, unavailable, safety_stock ...],
-- expected_on_hand, expected_version; -1 stands for "as before" and "whatever it is".
function needs.counts(op) want_items(op, op[6], 5) end
function run.counts(op)
  local items, as_of = op[6], op[5] > 0 and op[5] or ctx.now
  return feed(op, items, 5, 'count', op[3], function(cell, i)
    if op[7] >= 0 and cell[1] ~= op[7] then return CONFLICT end
    if op[8] >= 0 and cell[6] ~= op[8] then return CONFLICT end
    if op[7] < 0 and op[8] < 0 and as_of < cell[7] then return STALE end
    local unavailable = items[i + 3] >= 0 and items[i + 3] or cell[2]
    local safety_stock = items[i + 4] >= 0 and items[i + 4] or cell[3]
    if cell.exists and cell[1] == items[i + 2] and cell[2] == unavailable and cell[3] == safety_stock
      and cell[7] == as_of then
      return UNCHANGED
    end
    cell[1], cell[2], cell[3], cell[7] = items[i + 2], unavailable, safety_stock, math.max(as_of, cell[7])
    return APPLIED
  end)
end

-- safety, home, request_id, fingerprint, node, sku, quantity
function needs.safety(op) want_items(op, { op[5], op[6], op[7] }, 3) end
function run.safety(op)
  return feed(op, { op[5], op[6], op[7] }, 3, 'safety', op[3], function(cell)
    if cell[3] == op[7] then return UNCHANGED end
    cell[3] = op[7]
    return APPLIED
  end)
end

--== catalogue =======================================================================================================

-- put, home, request_id, fingerprint, kind, id, json, [kind:id that must exist ...], state
-- -> [ok | replayed, index, json, state] | [reused, fingerprint] | [missing, kind:id]
-- The state is that of a new node (0 for everything else): the one a node has is not Put's to change.
function needs.put(op)
  want_res(op[2], 'q:' .. op[3])
  want_cell(ctx.partitions, op[5] .. ':' .. op[6])
end

local function entry_of(name)
  local raw = field_of(ctx.partitions, name)
  return raw and cmsgpack.unpack(raw)
end

local function stage_in_catalogue(field, value)
  stage_field(ctx.partitions, field, value)
  ctx.parts[ctx.partitions].cells[field] = value
end

local function set_node_state(index, state)
  local p = index % ctx.partitions
  local field = 'n:' .. index
  log_change(p, 'node', tostring(index))
  stage_field(p, field, tostring(state))
  ctx.parts[p].cells[field] = tostring(state)
end

local function replay(op)
  local first = first_answer(op[2], op[3], op[4])
  if not first or first[1] == 'reused' then return first end
  local answer = first[2]
  if answer[1] == 'ok' then return { 'replayed', answer[2], answer[3], answer[4] } end
  return answer
end

local function next_index(kind)
  local counter = 'next:' .. kind
  local index = tonumber(field_of(ctx.partitions, counter) or 0)
  log_change(ctx.partitions, 'index', counter)
  stage_in_catalogue(counter, tostring(index + 1))
  return index
end

function run.put(op)
  local first = replay(op)
  if first then return first end
  local kind, name, state = op[5], op[5] .. ':' .. op[6], op[9]
  for _, required in ipairs(op[8]) do
    local entry = entry_of(required)
    if not entry or not entry[2] then return { 'missing', required } end
  end
  local entry = entry_of(name)
  local index = entry and entry[1] or next_index(kind)
  if kind == 'node' then
    if entry and entry[2] then state = entry[3] else set_node_state(index, state) end
  end
  log_change(ctx.partitions, 'put', name)
  stage_in_catalogue(name, cmsgpack.pack({ index, op[7], state }))
  return remember(op[2], op[3], op[4], { 'ok', index, op[7], state })
end

-- node_state, home, request_id, fingerprint, id, state -> [ok | replayed, index, json, state] | [not_found]
function needs.node_state(op)
  want_res(op[2], 'q:' .. op[3])
  want_cell(ctx.partitions, 'node:' .. op[5])
end

function run.node_state(op)
  local first = replay(op)
  if first then return first end
  local name, state = 'node:' .. op[5], op[6]
  local entry = entry_of(name)
  if not entry or not entry[2] then return { 'not_found' } end
  set_node_state(entry[1], state)
  log_change(ctx.partitions, 'put', name)
  stage_in_catalogue(name, cmsgpack.pack({ entry[1], entry[2], state }))
  return remember(op[2], op[3], op[4], { 'ok', entry[1], entry[2], state })
end

-- delete, home, request_id, fingerprint, kind, id -> [ok | replayed, index] | [not_found] | [in_use, field of a cell]
function needs.delete(op)
  want_res(op[2], 'q:' .. op[3])
  want_cell(ctx.partitions, op[5] .. ':' .. op[6])
end

local function in_use(cell)
  return cell[1] ~= 0 or cell[4] ~= 0 or cell[5] ~= 0
end

-- The first cell among `fields` of partition p that has units or promises, staged changes included.
local function used_among(p, fields)
  for _, field in ipairs(fields) do
    if in_use(cell_of(p, field)) then return field end
  end
end

local function used_cell_of_node(index)
  local p, prefix, cursor = index % ctx.partitions, index .. ':', '0'
  local fields = {}
  for field in pairs(partition(p).write) do
    if string.sub(field, 1, #prefix) == prefix then fields[#fields + 1] = field end
  end
  local used = used_among(p, fields)
  if used then return used end
  repeat
    local page = redis.call('HSCAN', ctx.keys[p + 1], cursor, 'MATCH', prefix .. '*', 'COUNT', 1000)
    cursor, fields = page[1], {}
    for i = 1, #page[2], 2 do fields[#fields + 1] = page[2][i] end
    used = used_among(p, fields)
  until used or cursor == '0'
  return used
end

local function used_cell_of_sku(index)
  local nodes = tonumber(field_of(ctx.partitions, 'next:node') or 0)
  for node = 0, nodes - 1 do
    local used = used_among(node % ctx.partitions, { node .. ':' .. index })
    if used then return used end
  end
end

function run.delete(op)
  local first = replay(op)
  if first then return first end
  local kind, name = op[5], op[5] .. ':' .. op[6]
  local entry = entry_of(name)
  if not entry or not entry[2] then return { 'not_found' } end
  local used
  if kind == 'node' then used = used_cell_of_node(entry[1]) end
  if kind == 'sku' then used = used_cell_of_sku(entry[1]) end
  if used then return { 'in_use', used } end
  if kind == 'node' then set_node_state(entry[1], 3) end
  log_change(ctx.partitions, 'delete', name)
  stage_in_catalogue(name, cmsgpack.pack({ entry[1], false, 3 }))
  return remember(op[2], op[3], op[4], { 'ok', entry[1], '', 3 })
end

--== maintenance =====================================================================================================

-- sweep, limit -> [ok, members taken]: due holds back to stock, old records forgotten, at most `limit` a partition.
function needs.sweep() end
function run.sweep(op)
  local members = 0
  for p = 0, ctx.partitions - 1 do members = members + reap(p, op[2]) end
  return { 'ok', members }
end

--== the call ========================================================================================================

local function append(list, a, b)
  local n = #list
  list[n + 1], list[n + 2] = a, b
end

local function write_pairs(command, key, list)
  for first = 1, #list, CHUNK do
    redis.call(command, key, unpack(list, first, math.min(first + CHUNK - 1, #list)))
  end
end

local function write_partition(p, part)
  local cells, records, gone, due, undue = {}, {}, {}, {}, {}
  for field, value in pairs(part.write) do append(cells, field, value) end
  append(cells, 'seq', string.format('%.0f', part.seq))
  append(cells, 'clock', string.format('%.0f', ctx.now))
  write_pairs('HSET', ctx.keys[p + 1], cells)
  for member, value in pairs(part.res_write) do
    if value then append(records, member, cmsgpack.pack(value)) else gone[#gone + 1] = member end
  end
  if #records > 0 then write_pairs('HSET', ctx.res[p + 1], records) end
  if #gone > 0 then write_pairs('HDEL', ctx.res[p + 1], gone) end
  for member, at in pairs(part.due) do append(due, at, member) end
  for member in pairs(part.undue) do undue[#undue + 1] = member end
  if #due > 0 then write_pairs('ZADD', ctx.due[p + 1], due) end
  if #undue > 0 then write_pairs('ZREM', ctx.due[p + 1], undue) end
  for _, entry in ipairs(part.entries) do redis.call('XADD', ctx.log[p + 1], unpack(entry)) end
end

local function siblings(keys, suffix)
  local names = {}
  for i, key in ipairs(keys) do names[i] = string.sub(key, 1, -6) .. suffix end
  return names
end

local function server_time_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function begin(keys, args)
  local settings = cmsgpack.unpack(args[1])
  ctx = {
    keys = keys, res = siblings(keys, 'res'), due = siblings(keys, 'due'), log = siblings(keys, 'log'),
    partitions = #keys - 1, parts = {}, retention = settings[2],
    now = settings[1] > 0 and settings[1] or server_time_ms(),
  }
end

local function apply(keys, args)
  begin(keys, args)
  local operations = {}
  for i = 2, #args do
    local op = cmsgpack.unpack(args[i])
    operations[i - 1] = op
    needs[op[1]](op)
  end
  prefetch()
  local answers = {}
  for i, op in ipairs(operations) do answers[i] = run[op[1]](op) end
  local packed = cmsgpack.pack(answers)
  for p, part in pairs(ctx.parts) do
    if part.dirty then write_partition(p, part) end
  end
  return packed
end

redis.register_function('promessa_v1_apply', apply)
