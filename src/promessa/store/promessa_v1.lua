#!lua name=promessa_v1
--[[
The write side of promessa: every change of stock, reservations and catalogue is one call of promessa_v1_apply.

KEYS      KEYS[p + 1] is `{<ns>}:<p>:cells` of partition p, for p = 0 .. P-1; KEYS[P + 1] is the catalogue's. Declared
          are always all of them; the other keys of a partition share its prefix and end in res, due, log, supply, or begin with
          bound.
  cells   hash   `<node_ix>:<sku_ix>` -> cell: on_hand, unavailable, safety_stock, held, committed, version,
                 counted_at_ms, as consecutive MessagePack integers; `n:<node_ix>` -> state of a node (1 active,
                 2 paused, 3 deleted); `inactive` -> how many nodes of the partition are not active; `seq` -> sequence
                 of the last log entry; `clock` -> ms of the last change. In the catalogue: `<kind>:<id>` -> [index,
                 JSON or false once deleted, node state, list of the kind:id it refers to]; `next:<kind>` -> next index;
                 `ref:<kind>:<id>` -> how many live records refer to it; `s:<sku_ix>` -> 3 while the sku is deleted, and
                 `inactive` -> how many skus are.
  res     hash   `r:<request_id>` -> reservation record (see RECORD); `q:<request_id>` -> [fingerprint, answer].
  due     zset   member of res -> ms when it expires (a hold) or may be forgotten (anything final).
  supply  hash   field of a cell -> what is to come of it (see INBOUND).
  log     stream `<seq>-0`, contiguous. t: ms. Then changes in order: a pair of kind and what the change refers to, and
                 a pair of field and after-value for every cell (or catalogue record) it touched. Kinds are words
                 without a colon. One entry per partition and call, so that nobody ever sees half a call; more only
                 where one would be very long.
ARGV      ARGV[1] is one MessagePack array: now_ms or 0, retention_ms, then one string an operation: its consecutive
          MessagePack values, the first its name. A cell is named by its partition (node_ix mod P) and its field. Members of res come ready made;
          `home` is the partition of a request id.
RETURNS   one MessagePack array with one answer per operation: [word, ...]. The words are mapped in store/answers.py.

INVARIANTS
  held and committed of a cell are the sums of open units of the HELD and CONFIRMED records that name it; so are those of an
  inbound, of the lines bound to it, and together they are never more than are to come.
  A hold of q is granted only if on_hand - unavailable - safety_stock - held - committed >= q at that instant.
  A hold is refused for want of stock only after every due hold has been returned to stock.
  Redis does not roll back: an operation reads and decides on tables, and the call writes once, at its end, with
  commands that cannot fail.
VERSION   The library's name is its contract. A change of meaning is promessa_v2 beside it.
--]]

-- A record is six consecutive MessagePack values; the last, its body, is an array of five values and then eight a line:
-- partition, field, requested (0 in a line that Transfer added), granted, open (in an EXPIRED record: what went back),
-- fulfilled, available (0 where all was granted), reason. The field of a line bound to an inbound is that inbound's name.
local RECORD = { state = 1, created = 2, updated = 3, expires = 4, outcome = 5, body = 6 }
local BODY = { fingerprint = 1, ttl = 2, owner = 3, order = 4, extra = 5 }
local FIRST, LINE = 6, 8
local HELD, CONFIRMED, FULFILLED, RELEASED, EXPIRED = 1, 2, 3, 4, 5
local RESERVED, PARTIAL, REFUSED = 1, 2, 3
local NO_STOCK, NODE_PAUSED, HOLD_LIMIT = 1, 2, 4
local APPLIED, UNCHANGED, STALE, INSUFFICIENT, UNKNOWN_SKU, UNKNOWN_NODE, CONFLICT, OVERFLOW = 1, 2, 3, 4, 5, 6, 8, 9
local MAX_QUANTITY = 1000000000000
local CHUNK = 2000 -- values in one command: well below what Lua can pass
local REAP_MAX = 2000 -- members of due taken by one call before a refusal: some milliseconds

-- What the sandbox offers, set by begin(): while the library loads there is none of it, and later each global is a slow
-- look-up.
local call, pack, unpack_one, unpack, ipairs, pairs, type, tonumber, sub, format, min, max

-- The call under way: a function runs alone, and begin() sets these first. `now` only ever rises.
local cells_keys, partitions, parts, now, retention, texts, heads, reap_left, reaped

--== reading =========================================================================================================

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
      supply = prefix .. 'supply' }
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

-- Reads what is wanted of a partition's cells; the first time also its head.
local function load_cells(p, part)
  local want = part.want
  local first_time = part.seq == nil
  if first_time then
    local n = #want
    want[n + 1], want[n + 2], want[n + 3] = 'seq', 'clock', 'inactive'
  end
  if #want == 0 then return end
  fetch(cells_keys[p + 1], want, part.cells)
  part.want = {}
  if first_time then
    part.seq, part.inactive = tonumber(part.cells.seq or 0), tonumber(part.cells.inactive or 0)
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

-- The MessagePack value of a member, false if there is none.
local function res_of(p, member)
  local part = head_of(p)
  if part.res[member] == nil then
    want_res(p, member)
    load_res(p, part)
  end
  return part.res[member]
end

local function record_of(p, member)
  local packed = res_of(p, member)
  return packed and { unpack_one(packed) }
end

local function pack_record(record)
  return pack(record[1], record[2], record[3], record[4], record[5], record[6])
end

--== staging (tables only; nothing here reaches the store) ===========================================================

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

local function stage_cell(p, field, cell, kind, reference)
  local part = log_change(p, kind, reference)
  cell[6] = cell[6] + 1
  stage_field(part, field, pack(cell[1], cell[2], cell[3], cell[4], cell[5], cell[6], cell[7]))
end

local function stage_value(p, field, value, kind, reference)
  local part = log_change(p, kind, reference)
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

--== the supply of a cell =============================================================================================

-- The supply of a cell is consecutive MessagePack values: first its preorder limit (-1: none), then an array for each
-- inbound, in the order they came. Its first columns are those of a cell: units to come take the place of units on hand,
-- and held and committed are units of reservations bound to it. Its name is `i:<field of the cell>:<id>`: in the log, and
-- as the field of a line bound to it. The one without an id is the backorder allowance: units that may be promised before
-- anybody knows what they come with. `bound:<field of the cell>:<id>` is a zset of `<home> <member>` of the records bound
-- to an inbound, in the order they were.
-- Days are counted from 1970-01-01 in the node's own calendar. policy: 0 the data set's, else see domain/supply.py.
local INBOUND = { version = 6, updated = 7, id = 8, kind = 9, quantity = 10, received = 11, day = 12, policy = 13, slip = 14,
  state = 15 }
local EXPECTED, RECEIVED, CANCELLED = 1, 2, 3
local INBOUND_MAX, BOUND_MAX = 64, 1000 -- open in one cell, records bound to one: as in domain/limits.py
local SLIP, HOLD_AND_ALERT, ALWAYS = 1, 3, 1000000000

-- The supply of a cell as a table. It lives with the partition: `supply_out` names the fields that will be written.
local function supply_of(p, field)
  local part = head_of(p)
  part.supply, part.supply_out = part.supply or {}, part.supply_out or {}
  local supply = part.supply[field]
  if not supply then
    local packed = call('HGET', names_of(p).supply, field)
    supply = packed and { unpack_one(packed) } or { -1 }
    part.supply[field] = supply
  end
  return supply
end

local function inbound_of(supply, id)
  for i = 2, #supply do
    if supply[i][INBOUND.id] == id then return supply[i] end
  end
end

local function bound_units(inbound)
  return inbound[4] + inbound[5]
end

local function is_bound(field)
  return sub(field, 1, 2) == 'i:'
end

-- The field of the cell that a line is about, bound or not; and the id of the inbound it is bound to.
local function cell_of_line(field)
  if not is_bound(field) then return field end
  return string.match(field, '^i:(%d+:%d+):(.*)$')
end

-- The counts a line takes its units from: of its cell, or of the inbound it is bound to.
local function counts_of(p, field)
  local cell, id = cell_of_line(field)
  return id and inbound_of(supply_of(p, cell), id) or cell_of(p, field)
end

-- The records bound to an inbound: how many, and what this call changes of them.
local function bindings_of(p, field)
  local part = head_of(p)
  part.bindings = part.bindings or {}
  local found = part.bindings[field]
  if not found then
    local key = sub(names_of(p).cells, 1, -6) .. 'bound:' .. sub(field, 3)
    found = { key = key, count = call('ZCARD', key), added = {}, gone = {} }
    part.bindings[field] = found
  end
  return found
end

local function bind(p, field, entry)
  local bindings = bindings_of(p, field)
  bindings.count, bindings.added[#bindings.added + 1] = bindings.count + 1, entry
end

local function unbind(p, field, entry)
  local bindings = bindings_of(p, field)
  bindings.count, bindings.gone[entry] = bindings.count - 1, true
end

-- Entries of all records bound to an inbound, as this call leaves them, in the order they were bound.
local function bound_entries(p, field)
  local bindings, entries = bindings_of(p, field), {}
  for _, list in ipairs({ call('ZRANGE', bindings.key, 0, -1), bindings.added }) do
    for _, entry in ipairs(list) do
      if not bindings.gone[entry] then entries[#entries + 1] = entry end
    end
  end
  return entries
end

local function stage_inbound(p, field, inbound, kind, reference)
  local part = log_change(p, kind, reference)
  local log, n = part.log, part.log_n
  inbound[INBOUND.version], inbound[INBOUND.updated] = inbound[INBOUND.version] + 1, now
  log[n + 1], log[n + 2] = 'i:' .. field .. ':' .. inbound[INBOUND.id], pack(inbound)
  part.log_n = n + 2
  part.supply_out[field] = true
end

-- Stages the counts that a line took from or gave to; a line with nothing open is bound no more.
local function stage_counts(p, field, counts, kind, home, member, open)
  local cell, id = cell_of_line(field)
  if not id then return stage_cell(p, field, counts, kind, member) end
  stage_inbound(p, cell, counts, kind, member)
  if open == 0 then unbind(p, field, home .. ' ' .. member) end
end

local function write_supply(names, part)
  for field in pairs(part.supply_out) do call('HSET', names.supply, field, pack(unpack(part.supply[field]))) end
  for _, bindings in pairs(part.bindings or {}) do
    for n, entry in ipairs(bindings.added) do call('ZADD', bindings.key, instant(part.seq * 100000 + n), entry) end
    for entry in pairs(bindings.gone) do call('ZREM', bindings.key, entry) end
  end
end

--== idempotency =====================================================================================================

-- The first answer of a request, or a refusal of its id's reuse, or nil. The replay writes the partition's clock, so
-- that a WAIT or WAITAOF after it covers the first answer.
local function first_answer(op)
  local home, member, fingerprint = op[2], op[3], op[4]
  if member == '' then return nil end
  local packed = res_of(home, member)
  if not packed then return nil end
  dirty(home)
  local stored = unpack_one(packed)
  if stored[1] ~= fingerprint then return { 'reused', stored[1] } end
  local answer = stored[2]
  if answer[1] == 'ok' then answer[1] = 'replayed' end
  return answer
end

local function remember(op, answer)
  local home, member, fingerprint = op[2], op[3], op[4]
  if member ~= '' then stage_res(home, member, pack({ fingerprint, answer }), now + retention) end
  return answer
end

--== reservations ====================================================================================================

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
  stage_res(home, member, pack_record(record), now + retention)
end

local function want_cells_of(record)
  local body = record[RECORD.body]
  for i = FIRST, #body, LINE do
    if body[i + 4] > 0 then want_cell(body[i], (cell_of_line(body[i + 1]))) end
  end
end

-- Returns due holds of one partition to stock and forgets members past their retention; at most `limit`, and never one
-- that this very call has changed. -> members looked at
local function reap(p, limit)
  local part = head_of(p)
  local found = call('ZRANGEBYSCORE', names_of(p).due, '-inf', instant(now), 'LIMIT', part.taken, limit)
  part.taken = part.taken + #found -- the sorted set shows them until the call writes
  local changed, due, holds = {}, {}, {}
  for i = 1, #part.staged, 3 do changed[part.staged[i]] = true end
  for _, member in ipairs(found) do
    if not changed[member] then
      due[#due + 1] = member
      want_res(p, member)
    end
  end
  load_res(p, part)
  for _, member in ipairs(due) do
    local record = sub(member, 1, 2) == 'r:' and record_of(p, member)
    if record and record[RECORD.state] == HELD then
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

-- Whether no hold of any partition is due any more.
local function reap_everything()
  if reaped then return true end
  for p = 0, partitions - 1 do head_of(p) end -- first all clocks, then what is due by the latest
  for p = 0, partitions - 1 do
    if reap_left > 0 then reap_left = reap_left - reap(p, reap_left) end
  end
  reaped = reap_left > 0
  return reaped
end

local function takes_orders(p, field)
  if parts[p].inactive == 0 then return true end
  return (field_of(p, 'n:' .. string.match(field, '^%d+')) or '1') == '1'
end

local needs, follow, run = {}, {}, {}

-- reserve, home, member, body, ttl_ms, all_or_nothing, keep_refusal, held_share_max (thousandths, 0: no limit), then for
-- each line partition, field, quantity
-- -> [granted, now, partition, seq ...] | [ok | replayed, record, partition, seq ...] | [reused, fingerprint] | [due]
-- The body comes as it is stored if all is granted, and then nothing of it is sent back. Lines name each cell once. A
-- refusal is remembered only if keep_refusal is 1. `due` stands for "ask again": so many holds are due that one call
-- could not return them all, and they may be what is wanted.
local RESERVE_LINES = 9

function needs.reserve(op)
  want_res(op[2], op[3])
  for i = RESERVE_LINES, #op, 3 do want_cell(op[i], op[i + 1]) end
end

-- Units that can be promised of a cell, and why there are no more. With held_share_max only so many thousandths of what
-- could be sold but for holds may be held, these included.
local function promisable(p, field, held_share_max)
  local cell = cell_of(p, field)
  local free = available(cell)
  if not takes_orders(p, field) then return 0, NODE_PAUSED end
  if held_share_max and held_share_max > 0 then
    local room = math.floor((free + cell[4]) * held_share_max / 1000) - cell[4]
    if room < free then return max(room, 0), HOLD_LIMIT end
  end
  return max(free, 0), NO_STOCK
end

local function all_there(op)
  for i = RESERVE_LINES, #op, 3 do
    if promisable(op[i], op[i + 1], op[8]) < op[i + 2] then return false end
  end
  return true
end

local function hold(p, field, units, member)
  local cell = cell_of(p, field)
  cell[4] = cell[4] + units
  if available(cell) < 0 then error('promessa: two lines of a reservation name one cell') end
  stage_cell(p, field, cell, 'hold', member)
end

local function grant_all(op)
  local home, member, ttl = op[2], op[3], op[5]
  for i = RESERVE_LINES, #op, 3 do hold(op[i], op[i + 1], op[i + 2], member) end
  local head = heads[ttl]
  if not head then
    head = pack(HELD, now, now, now + ttl, RESERVED)
    heads[ttl] = head
  end
  stage_res(home, member, head .. op[4], now + ttl)
  return add_positions({ 'granted', now }, op, RESERVE_LINES, 3, 2)
end

-- Writes into a body what can be granted where not all can: a part, or with all_or_nothing nothing. -> outcome
local function cut(body, all_or_nothing, held_share_max)
  local total = 0
  for i = FIRST, #body, LINE do
    local free, reason = promisable(body[i], body[i + 1], held_share_max)
    local granted = min(free, body[i + 2])
    body[i + 3], body[i + 4], body[i + 6] = granted, granted, free
    if granted < body[i + 2] then body[i + 7] = reason end
    total = total + granted
  end
  if all_or_nothing == 0 and total > 0 then return PARTIAL end
  for i = FIRST, #body, LINE do body[i + 3], body[i + 4] = 0, 0 end
  return REFUSED
end

local function grant_part(op)
  local home, member, body, ttl = op[2], op[3], unpack_one(op[4]), op[5]
  if cut(body, op[6], op[8]) == REFUSED then
    local packed = pack(RELEASED, now, now, 0, REFUSED, body)
    if op[7] == 1 then stage_res(home, member, packed, now + retention) end
    return { 'ok', packed }
  end
  for i = FIRST, #body, LINE do
    if body[i + 3] > 0 then hold(body[i], body[i + 1], body[i + 3], member) end
  end
  local packed = pack(HELD, now, now, now + ttl, PARTIAL, body)
  stage_res(home, member, packed, now + ttl)
  return add_positions({ 'ok', packed }, body, FIRST, LINE, 3)
end

-- The first answer to a request id that made a reservation or a refusal, or nil.
local function replay_reservation(op)
  local record = record_of(op[2], op[3])
  if not record then return nil end
  dirty(op[2])
  local body = record[RECORD.body]
  local fingerprint = body[BODY.fingerprint]
  if fingerprint ~= unpack_one(op[4])[BODY.fingerprint] then return { 'reused', fingerprint } end
  return add_positions({ 'replayed', pack_record(record) }, body, FIRST, LINE, 3)
end

function run.reserve(op)
  local replay = replay_reservation(op)
  if replay then return replay end
  local whole = all_there(op)
  if not whole and not reaped then
    local all = reap_everything()
    whole = all_there(op)
    if not whole and not all then return { 'due' } end
  end
  return whole and grant_all(op) or grant_part(op)
end

-- refuse, home, member, body -> as reserve. Remembers that nothing could be planned for this request id.
function needs.refuse(op)
  want_res(op[2], op[3])
end

function run.refuse(op)
  local replay = replay_reservation(op)
  if replay then return replay end
  local packed = pack(RELEASED, now, now, 0, REFUSED) .. op[4]
  stage_res(op[2], op[3], packed, now + retention)
  return { 'ok', packed }
end

-- What confirm, extend, release and fulfill share: [name, home of the request, its member, fingerprint, home of the
-- reservation, its member, ...] -> [ok | replayed, record, partition, seq ...] | [reused, fingerprint] | [not_found] |
-- [expired, expires] | [wrong_state, state] | [exceeds, field, open]
local function needs_reservation(op)
  if op[3] ~= '' then want_res(op[2], op[3]) end
  want_res(op[5], op[6])
end

-- The cells are known once the record is read.
local function follow_reservation(op)
  local packed = parts[op[5]].res[op[6]]
  if packed then want_cells_of({ unpack_one(packed) }) end
end

local function wrong_state(record)
  return { 'wrong_state', record[RECORD.state] }
end

-- How many units of each line to take: all that is open, or those asked for. Of the lines of one cell the first are taken
-- from first, or with `last_first` the bound ones; with `in_stock` bound lines do not count. nil and the first cell that has
-- too few.
local function taken(body, asked, last_first, in_stock)
  local take = {}
  local from, to, step = FIRST, #body, LINE
  if last_first then from, to, step = #body - LINE + 1, FIRST, -LINE end
  for i = from, to, step do
    local counts = not (in_stock and is_bound(body[i + 1]))
    take[i] = #asked == 0 and counts and body[i + 4] or 0
  end
  for j = 1, #asked, 2 do
    local left, open = asked[j + 1], 0
    for i = from, to, step do
      if cell_of_line(body[i + 1]) == asked[j] and not (in_stock and is_bound(body[i + 1])) then
        local units = min(left, body[i + 4] - take[i])
        take[i], left, open = take[i] + units, left - units, open + body[i + 4]
      end
    end
    if left > 0 then return nil, { 'exceeds', asked[j], open } end
  end
  return take
end

-- Whether the units taken of each line can be promised, all of them.
local function all_free(body, take)
  for i = FIRST, #body, LINE do
    if take[i] > 0 and (is_bound(body[i + 1]) or promisable(body[i], body[i + 1]) < take[i]) then return false end
  end
  return true
end

-- Of an EXPIRED record, which comes here only if it may be reacquired, nothing is held any more: what is to be kept must
-- be there once again. What was bound to inbound is not bound again: that takes a new reservation.
local function confirm(op, home, member, record)
  local state, body = record[RECORD.state], record[RECORD.body]
  if state == CONFIRMED and #op[9] == 0 and (op[7] == '' or op[7] == body[BODY.order]) then return nil end
  if state ~= HELD and state ~= EXPIRED then return wrong_state(record) end
  local take, problem = taken(body, op[9])
  if not take then return problem end
  if state == EXPIRED and not all_free(body, take) then
    reap_everything()
    if not all_free(body, take) then return { 'expired', record[RECORD.expires] } end
  end
  for i = FIRST, #body, LINE do
    local open, kept = body[i + 4], take[i]
    local held = state == HELD and open or 0
    if held > 0 or kept > 0 then
      local cell = counts_of(body[i], body[i + 1])
      cell[4], cell[5] = cell[4] - held, cell[5] + kept
      stage_counts(body[i], body[i + 1], cell, state == HELD and 'confirm' or 'hold', home, member, kept)
    end
    body[i + 4] = kept
  end
  record[RECORD.state], record[RECORD.updated], record[RECORD.expires] = CONFIRMED, now, 0
  if op[7] ~= '' then body[BODY.order] = op[7] end
  stage_res(home, member, pack_record(record), false)
end

local function extend(op, home, member, record)
  if record[RECORD.state] ~= HELD then return wrong_state(record) end
  record[RECORD.expires], record[RECORD.updated] = now + op[7], now
  log_change(home, 'extend', member)
  stage_res(home, member, pack_record(record), record[RECORD.expires])
end

local function close_if_done(home, member, record)
  local body, open, fulfilled = record[RECORD.body], 0, 0
  for i = FIRST, #body, LINE do
    open, fulfilled = open + body[i + 4], fulfilled + body[i + 5]
  end
  record[RECORD.updated] = now
  local due_at = record[RECORD.state] == HELD and record[RECORD.expires]
  if open == 0 then
    record[RECORD.state], record[RECORD.expires] = fulfilled > 0 and FULFILLED or RELEASED, 0
    due_at = now + retention
  end
  stage_res(home, member, pack_record(record), due_at)
end

local function release(op, home, member, record)
  local state = record[RECORD.state]
  if state == RELEASED and #op[7] == 0 then return nil end
  if state ~= HELD and state ~= CONFIRMED then return wrong_state(record) end
  local body = record[RECORD.body]
  local take, problem = taken(body, op[7], true)
  if not take then return problem end
  for i = FIRST, #body, LINE do
    if take[i] > 0 then
      local cell = let_go(body, i, take[i], column_of(record))
      stage_counts(body[i], body[i + 1], cell, 'release', home, member, body[i + 4])
    end
  end
  close_if_done(home, member, record)
end

-- The refusal of a reservation that has open units, all of them bound to what is still to come.
local function nothing_to_fulfill(body, take)
  local waiting
  for i = FIRST, #body, LINE do
    if take[i] > 0 then return nil end
    if body[i + 4] > 0 then waiting = waiting or { 'exceeds', (cell_of_line(body[i + 1])), 0 } end
  end
  return waiting
end

local function fulfill(op, home, member, record)
  local state = record[RECORD.state]
  if state == FULFILLED and #op[7] == 0 then return nil end
  if state ~= CONFIRMED then return wrong_state(record) end
  local body = record[RECORD.body]
  local take, problem = taken(body, op[7], false, true)
  if not take then return problem end
  local nothing = nothing_to_fulfill(body, take)
  if nothing then return nothing end
  for i = FIRST, #body, LINE do
    if take[i] > 0 then
      local cell = let_go(body, i, take[i], 5)
      cell[1] = max(cell[1] - take[i], 0)
      body[i + 5] = body[i + 5] + take[i]
      stage_cell(body[i], body[i + 1], cell, 'fulfill', member)
    end
  end
  close_if_done(home, member, record)
end

-- Where a record's line of a cell begins, nil if there is none.
local function line_of(body, field)
  for i = FIRST, #body, LINE do
    if body[i + 1] == field then return i end
  end
end

-- What cannot be moved for want of stock: [field, requested, available, reason ...], nil if all can.
local function shortage(moves)
  local wanted, order = {}, {}
  for j = 1, #moves, 4 do
    local field = moves[j + 2]
    if not wanted[field] then order[#order + 1] = j end
    wanted[field] = (wanted[field] or 0) + moves[j + 3]
  end
  local short = {}
  for _, j in ipairs(order) do
    local p, field = moves[j + 1], moves[j + 2]
    local free, reason = promisable(p, field)
    if free < wanted[field] then
      local n = #short
      short[n + 1], short[n + 2], short[n + 3], short[n + 4] = field, wanted[field], free, reason
    end
  end
  return #short > 0 and short or nil
end

-- Units of a reservation from cells to other cells, all or nothing: what leaves a cell can be promised there at once,
-- and what comes must have been promisable.
local function transfer(op, home, member, record)
  local state, body, moves = record[RECORD.state], record[RECORD.body], op[7]
  if state ~= HELD and state ~= CONFIRMED then return wrong_state(record) end
  local asked = {}
  for j = 1, #moves, 4 do asked[#asked + 1], asked[#asked + 2] = moves[j], moves[j + 3] end
  local take, problem = taken(body, asked, false, true)
  if not take then return problem end
  local short = shortage(moves)
  if short then
    reap_everything()
    short = shortage(moves)
  end
  if short then return { 'ok', pack_record(record), -1, short } end
  local column = column_of(record)
  for j = 1, #moves, 4 do
    local i, p, field, units = line_of(body, moves[j]), moves[j + 1], moves[j + 2], moves[j + 3]
    body[i + 3] = body[i + 3] - units
    stage_cell(body[i], body[i + 1], let_go(body, i, units, column), 'transfer', member)
    local to = line_of(body, field)
    if not to then
      to = #body + 1
      body[to], body[to + 1] = p, field
      for k = 2, LINE - 1 do body[to + k] = 0 end
    end
    body[to + 3], body[to + 4] = body[to + 3] + units, body[to + 4] + units
    local cell = cell_of(p, field)
    cell[column] = cell[column] + units
    stage_cell(p, field, cell, 'transfer', member)
  end
  record[RECORD.updated] = now
  stage_res(home, member, pack_record(record), state == HELD and record[RECORD.expires])
end

local function on_reservation(op, act)
  local first = first_answer(op)
  if first then return first end
  local home, member = op[5], op[6]
  local record = record_of(home, member)
  if not record or record[RECORD.outcome] == REFUSED then return { 'not_found' } end
  if record[RECORD.state] == HELD and record[RECORD.expires] <= now then expire(home, member, record) end
  local may_reacquire = op[1] == 'confirm' and op[8] == 1
  if record[RECORD.state] == EXPIRED and not may_reacquire then
    return remember(op, { 'expired', record[RECORD.expires] })
  end
  local refusal = act(op, home, member, record)
  return remember(op, refusal or add_positions({ 'ok', pack_record(record) }, record[RECORD.body], FIRST, LINE, 3))
end

-- confirm ..., order, reacquire, [field, quantity ...] | extend ..., ttl_ms | release ..., [field, quantity ...] |
-- fulfill ..., [the same] | transfer ..., [field, partition, field, quantity ...] -> also [ok | replayed, record, -1, [field,
-- requested, available, reason ...]] where stock is short. What a confirmation names is kept, and the rest goes back to stock; naming nothing keeps all.
local function operation_on_reservation(name, act)
  needs[name], follow[name] = needs_reservation, follow_reservation
  run[name] = function(op) return on_reservation(op, act) end
end

operation_on_reservation('confirm', confirm)
operation_on_reservation('extend', extend)
operation_on_reservation('release', release)
operation_on_reservation('fulfill', fulfill)
operation_on_reservation('transfer', transfer)

function needs.transfer(op)
  needs_reservation(op)
  for j = 1, #op[7], 4 do want_cell(op[7][j + 1], op[7][j + 2]) end
end

--== stock ===========================================================================================================

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

--== inbound supply ==================================================================================================

-- Ended inbound past their retention make room; how many are open.
local function forget_ended(supply)
  local open = 0
  for i = #supply, 2, -1 do
    local ended = supply[i][INBOUND.state] ~= EXPECTED
    if not ended and supply[i][INBOUND.id] ~= '' then open = open + 1 end
    if ended and supply[i][INBOUND.updated] + retention <= now then table.remove(supply, i) end
  end
  return open
end

-- put_inbound, receive_inbound and cancel_inbound share: [name, home, member, fingerprint, partition, field of the cell, id,
-- ...] -> [ok | replayed, inbound, partition, seq] | [reused, fingerprint] | [no_inbound] | [inbound_ended, state] |
-- [inbound_used, received, bound] | [inbound_limit] | [inbound_overflow]
local function operation_on_inbound(name, act)
  needs[name] = function(op)
    if op[3] ~= '' then want_res(op[2], op[3]) end
    want_cell(op[5], op[6])
  end
  run[name] = function(op)
    local first = first_answer(op)
    if first then return first end
    local inbound, refusal = act(op, supply_of(op[5], op[6]))
    if refusal and refusal[1] == 'no_inbound' then return refusal end
    return remember(op, refusal or { 'ok', pack(inbound), op[5], parts[op[5]].seq })
  end
end

-- put_inbound ..., kind, quantity, day, policy, slip_days
local function put_inbound(op, supply)
  local id, quantity = op[7], op[9]
  local inbound = inbound_of(supply, id)
  if not inbound then
    if forget_ended(supply) >= INBOUND_MAX then return nil, { 'inbound_limit' } end
    inbound = { 0, 0, 0, 0, 0, 0, 0, id, 0, 0, 0, 0, 0, 0, EXPECTED }
    supply[#supply + 1] = inbound
  end
  if inbound[INBOUND.state] ~= EXPECTED then return nil, { 'inbound_ended', inbound[INBOUND.state] } end
  if quantity < inbound[INBOUND.received] + bound_units(inbound) then reap_everything() end
  local received, bound = inbound[INBOUND.received], bound_units(inbound)
  if quantity < received + bound then return nil, { 'inbound_used', received, bound } end
  local moves = bound > 0 and inbound[INBOUND.day] ~= op[10]
  inbound[1] = quantity - received
  inbound[INBOUND.kind], inbound[INBOUND.quantity], inbound[INBOUND.day] = op[8], quantity, op[10]
  inbound[INBOUND.policy], inbound[INBOUND.slip] = op[11], op[12]
  if inbound[1] == 0 then inbound[INBOUND.state] = RECEIVED end
  stage_inbound(op[5], op[6], inbound, 'inbound', id)
  if moves then
    for _, entry in ipairs(bound_entries(op[5], 'i:' .. op[6] .. ':' .. id)) do
      log_change(op[5], 'move', string.match(entry, ' (.*)'))
    end
  end
  return inbound
end

-- Units of a line that is bound become units in stock, of the same record.
local function take_over(p, field, inbound, i, record, units)
  local body, column = record[RECORD.body], column_of(record)
  local cell, stock = cell_of(p, field), line_of(body, field)
  body[i + 3], body[i + 4] = body[i + 3] - units, body[i + 4] - units
  body[stock + 3], body[stock + 4] = body[stock + 3] + units, body[stock + 4] + units
  inbound[column], cell[column] = inbound[column] - units, cell[column] + units
  record[RECORD.updated] = now
end

-- Gives up to `units` units that are on hand now to the records bound to an inbound, in the order they were bound; how many
-- were given. A hold whose time is over goes back first.
local function hand_over(p, field, inbound, units)
  local name, given = 'i:' .. field .. ':' .. inbound[INBOUND.id], 0
  if units <= 0 or bound_units(inbound) == 0 then return 0 end
  local entries = bound_entries(p, name)
  for _, entry in ipairs(entries) do want_res(tonumber(string.match(entry, '^%d+')), string.match(entry, ' (.*)')) end
  load_all(load_res)
  for _, entry in ipairs(entries) do
    local home, member = tonumber(string.match(entry, '^%d+')), string.match(entry, ' (.*)')
    local record = record_of(home, member)
    local due = record[RECORD.state] == HELD and record[RECORD.expires] <= now
    if due then expire(home, member, record) end
    if not due and given < units then
      local i = line_of(record[RECORD.body], name)
      local taking = min(record[RECORD.body][i + 4], units - given)
      take_over(p, field, inbound, i, record, taking)
      given = given + taking
      stage_cell(p, field, cell_of(p, field), 'receive', member)
      stage_counts(p, name, inbound, 'receive', home, member, record[RECORD.body][i + 4])
      stage_res(home, member, pack_record(record), record[RECORD.state] == HELD and record[RECORD.expires])
    end
  end
  return given
end

-- receive_inbound ..., quantity, last: more may come than was expected; with last = 1 nothing more is expected after it.
local function receive_inbound(op, supply)
  local p, field, id, units = op[5], op[6], op[7], op[8]
  local inbound, cell = inbound_of(supply, id), cell_of(p, field)
  if not inbound then return nil, { 'no_inbound' } end
  if inbound[INBOUND.state] ~= EXPECTED then return nil, { 'inbound_ended', inbound[INBOUND.state] } end
  if cell[1] + units > MAX_QUANTITY then return nil, { 'inbound_overflow' } end
  if op[9] == 1 and bound_units(inbound) > units then reap_everything() end
  local left = op[9] == 1 and 0 or max(inbound[1] - units, 0)
  local received, bound = inbound[INBOUND.received], max(bound_units(inbound) - units, 0)
  if bound > left then return nil, { 'inbound_used', received, bound } end
  cell[1] = cell[1] + units
  inbound[1], inbound[INBOUND.received] = left, received + units
  if left == 0 then inbound[INBOUND.state] = RECEIVED end
  if units > 0 then stage_cell(p, field, cell, 'receive', id) end
  units = units - hand_over(p, field, inbound, units)
  local allowance = inbound_of(supply, '')
  if allowance then hand_over(p, field, allowance, min(units, max(available(cell), 0))) end
  stage_inbound(p, field, inbound, 'receive', id)
  return inbound
end

-- Cancelling what is cancelled changes nothing.
local function cancel_inbound(op, supply)
  local inbound = inbound_of(supply, op[7])
  if not inbound then return nil, { 'no_inbound' } end
  if inbound[INBOUND.state] == CANCELLED then return inbound end
  if inbound[INBOUND.state] ~= EXPECTED then return nil, { 'inbound_ended', inbound[INBOUND.state] } end
  if bound_units(inbound) > 0 then reap_everything() end
  local bound = bound_units(inbound)
  if bound > 0 then return nil, { 'inbound_used', inbound[INBOUND.received], bound } end
  inbound[1], inbound[INBOUND.state] = 0, CANCELLED
  stage_inbound(op[5], op[6], inbound, 'cancel', op[7])
  return inbound
end

operation_on_inbound('put_inbound', put_inbound)
operation_on_inbound('receive_inbound', receive_inbound)
operation_on_inbound('cancel_inbound', cancel_inbound)

local function is_awaited(supply)
  for i = 2, #supply do
    if supply[i][INBOUND.state] == EXPECTED and (supply[i][INBOUND.id] ~= '' or bound_units(supply[i]) > 0) then return true end
  end
  return false
end

-- The first cell of a node to which something is still to come, as this call leaves it.
local function awaited_cell_of_node(index)
  local p, prefix = index % partitions, index .. ':'
  local fields = call('HKEYS', names_of(p).supply)
  for field in pairs(head_of(p).supply or {}) do fields[#fields + 1] = field end
  for _, field in ipairs(fields) do
    if sub(field, 1, #prefix) == prefix and is_awaited(supply_of(p, field)) then return field end
  end
end

local function awaited_cell_of_sku(index)
  for node = 0, tonumber(field_of(partitions, 'next:node') or 0) - 1 do
    local field = node .. ':' .. index
    if is_awaited(supply_of(node % partitions, field)) then return field end
  end
end

--== promises of what is to come =====================================================================================

-- The day an inbound counts on, and the units promises may count on; as Inbound.expected_at in domain/supply.py.
local function expected(inbound, terms)
  if inbound[INBOUND.day] >= terms.today then return inbound[INBOUND.day], inbound[1] end
  local policy, slip = inbound[INBOUND.policy], inbound[INBOUND.slip]
  if policy == 0 then policy, slip = terms.policy, terms.slip end
  if policy == SLIP then return terms.today + slip, inbound[1] end
  return terms.today, policy == HOLD_AND_ALERT and bound_units(inbound) or 0
end

-- What may be promised of a cell's inbound, the earliest first: a list of [inbound, day, units nobody is bound to]; the
-- balance of what must be covered before; and how many units are bound.
local function open_inbound(supply, terms)
  local open, owed, bound = {}, 0, 0
  for i = 2, #supply do
    local inbound = supply[i]
    if inbound[INBOUND.id] == '' then
      owed = owed + bound_units(inbound)
    elseif inbound[INBOUND.state] == EXPECTED then
      local day, units = expected(inbound, terms)
      local free = units - bound_units(inbound)
      bound = bound + bound_units(inbound)
      if free < 0 then owed = owed - free else open[#open + 1] = { inbound, day, free } end
    end
  end
  table.sort(open, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1][INBOUND.id] < b[1][INBOUND.id]
  end)
  return open, owed, bound
end

-- How a line is met: units from stock first, then [inbound, units] of what comes in time, then of the backorder allowance.
-- Only what is owed already is below zero in the projected balance, so the balance rises from day to day, and what a day
-- can promise is the balance of that day: what is free until then, less what is owed. -> stock, shares, missing, reason
local function shares_of(p, field, wanted, terms)
  local free, reason = promisable(p, field)
  local stock, shares = min(free, wanted), {}
  local missing = wanted - stock
  if missing == 0 or reason == NODE_PAUSED then return stock, shares, missing, reason end
  local supply = supply_of(p, field)
  local open, owed, bound = open_inbound(supply, terms)
  local balance = available(cell_of(p, field)) - stock - owed
  local preorder = supply[1] < 0 and missing or max(supply[1] - bound, 0)
  for _, each in ipairs(open) do
    local inbound, day, units = each[1], each[2], each[3]
    balance = balance + units
    if day <= terms.latest and bindings_of(p, 'i:' .. field .. ':' .. inbound[INBOUND.id]).count < BOUND_MAX then
      local share = max(min(missing, units, balance, preorder), 0)
      if share > 0 then shares[#shares + 1] = { inbound, share } end
      missing, preorder, balance = missing - share, preorder - share, balance - share
    end
  end
  local allowance = terms.backorder and inbound_of(supply, '')
  if allowance and bindings_of(p, 'i:' .. field .. ':').count < BOUND_MAX then
    local share = max(min(missing, available(allowance)), 0)
    if share > 0 then shares[#shares + 1] = { allowance, share } end
    missing = missing - share
  end
  return stock, shares, missing, reason
end

-- promise, home, member, fingerprint, member of the record, body without lines, ttl_ms, all_or_nothing, latest day, allow
-- backorders, policy, slip_days, then for each line partition, field, quantity, today at the node
-- -> [ok | replayed, record, partition, seq ...] | [reused, fingerprint] | [due]
-- A reservation that may count on what is to come. Lines name each cell once; each has a line in the record for its stock,
-- and one for every inbound it is bound to, of which nothing was asked for by itself.
local PROMISE_LINES = 13

function needs.promise(op)
  want_res(op[2], op[3])
  want_res(op[2], op[5])
  for i = PROMISE_LINES, #op, 4 do want_cell(op[i], op[i + 1]) end
end

local function shares_of_all(op)
  local plan, whole = {}, true
  for i = PROMISE_LINES, #op, 4 do
    local latest = op[9] == 0 and ALWAYS or op[9]
    local terms = { today = op[i + 3], latest = latest, backorder = op[10] == 1, policy = op[11], slip = op[12] }
    local line = { op[i], op[i + 1], op[i + 2], shares_of(op[i], op[i + 1], op[i + 2], terms) }
    plan[#plan + 1] = line
    whole = whole and line[6] == 0
  end
  return plan, whole
end

-- The body of the record that a plan makes; with `nothing` of one that is refused. -> body, units granted
local function body_of_plan(op, plan, nothing)
  local body, total = unpack_one(op[6]), 0
  for _, line in ipairs(plan) do
    local p, field, wanted, stock, shares, missing, reason = unpack(line)
    local held, n = nothing and 0 or stock, #body
    body[n + 1], body[n + 2], body[n + 3], body[n + 4], body[n + 5], body[n + 6] = p, field, wanted, held, held, 0
    body[n + 7], body[n + 8] = missing > 0 and wanted - missing or 0, missing > 0 and reason or 0
    total = total + held
    for _, share in ipairs(nothing and {} or shares) do
      n = #body
      body[n + 1], body[n + 2], body[n + 3] = p, 'i:' .. field .. ':' .. share[1][INBOUND.id], 0
      body[n + 4], body[n + 5], body[n + 6], body[n + 7], body[n + 8] = share[2], share[2], 0, 0, 0
      total = total + share[2]
    end
  end
  return body, total
end

local function stage_promise(op, body)
  local home, member = op[2], op[5]
  for i = FIRST, #body, LINE do
    local p, field, units = body[i], body[i + 1], body[i + 3]
    if units > 0 and is_bound(field) then
      local inbound = counts_of(p, field)
      inbound[4] = inbound[4] + units
      if available(inbound) < 0 then error('promessa: two lines of a reservation bind one inbound') end
      bind(p, field, home .. ' ' .. member)
      stage_inbound(p, (cell_of_line(field)), inbound, 'bind', member)
    elseif units > 0 then
      hold(p, field, units, member)
    end
  end
end

function run.promise(op)
  local first = first_answer(op)
  if first then return first end
  local home, member, ttl = op[2], op[5], op[7]
  local record = record_of(home, member)
  if record then
    local fingerprint = record[RECORD.body][BODY.fingerprint]
    if fingerprint ~= op[4] then return { 'reused', fingerprint } end
    return { 'replayed', pack_record(record) }
  end
  local plan, whole = shares_of_all(op)
  if not whole and not reaped then
    local all = reap_everything()
    plan, whole = shares_of_all(op)
    if not whole and not all then return { 'due' } end
  end
  local body, total = body_of_plan(op, plan, op[8] == 1 and not whole)
  if total == 0 then
    local packed = pack(RELEASED, now, now, 0, REFUSED, body)
    stage_res(home, member, packed, now + retention)
    return remember(op, { 'ok', packed })
  end
  stage_promise(op, body)
  local packed = pack(HELD, now, now, now + ttl, whole and RESERVED or PARTIAL, body)
  stage_res(home, member, packed, now + ttl)
  return remember(op, add_positions({ 'ok', packed }, body, FIRST, LINE, 3))
end

-- order_limits, home, member, fingerprint, partition, field, backorder limit, preorder limit (-1: none) -> [ok | replayed,
-- backorder limit, preorder limit, partition, seq]
function needs.order_limits(op)
  if op[3] ~= '' then want_res(op[2], op[3]) end
end

function run.order_limits(op)
  local first = first_answer(op)
  if first then return first end
  local p, field = op[5], op[6]
  local supply = supply_of(p, field)
  local allowance = inbound_of(supply, '')
  if not allowance then
    allowance = { 0, 0, 0, 0, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, EXPECTED }
    supply[#supply + 1] = allowance
  end
  allowance[1], allowance[INBOUND.quantity], supply[1] = op[7], op[7], op[8]
  stage_inbound(p, field, allowance, 'limits', field)
  return remember(op, { 'ok', op[7], op[8], p, parts[p].seq })
end

--== catalogue =======================================================================================================

-- put, home, member, fingerprint, kind, id, json, [kind:id that must exist ...], state
-- -> [ok | replayed, index, json, state] | [reused, fingerprint] | [missing, kind:id]
-- The state is that of a new node (0 for everything else): the one a node has is not Put's to change.
local function needs_entry(op)
  want_res(op[2], op[3])
  want_cell(partitions, op[5] .. ':' .. op[6])
end

local function entry_of(name)
  local packed = field_of(partitions, name)
  return packed and unpack_one(packed)
end

local function stage_entry(name, kind, entry)
  stage_value(partitions, name, pack(entry), kind, name)
end

local function set_node_state(index, state)
  local p, field, after = index % partitions, 'n:' .. index, tostring(state)
  local before = field_of(p, field) or '1'
  stage_value(p, field, after, 'state', tostring(index))
  local part = parts[p]
  if before == '1' and after ~= '1' then part.inactive = part.inactive + 1 end
  if before ~= '1' and after == '1' then part.inactive = part.inactive - 1 end
end

local function set_sku_state(index, state)
  local field, part = 's:' .. index, head_of(partitions)
  local before = field_of(partitions, field) or '1'
  stage_value(partitions, field, state, 'state', field)
  if before == '1' and state ~= '1' then part.inactive = part.inactive + 1 end
  if before ~= '1' and state == '1' then part.inactive = part.inactive - 1 end
end

local function references_to(name)
  return tonumber(field_of(partitions, 'ref:' .. name) or 0)
end

local function count_references(names, change)
  for _, name in ipairs(names) do
    stage_value(partitions, 'ref:' .. name, tostring(references_to(name) + change), 'reference', name)
  end
end

local function next_index(kind)
  local counter = 'next:' .. kind
  local index = tonumber(field_of(partitions, counter) or 0)
  stage_value(partitions, counter, tostring(index + 1), 'index', counter)
  return index
end

needs.put = needs_entry
function run.put(op)
  local first = first_answer(op)
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
  if kind == 'sku' and entry and not entry[2] then set_sku_state(index, '1') end
  count_references(entry and entry[4] or {}, -1)
  count_references(op[8], 1)
  stage_entry(name, 'put', { index, op[7], state, op[8] })
  return remember(op, { 'ok', index, op[7], state })
end

-- node_state, home, member, fingerprint, 'node', id, state -> [ok | replayed, index, json, state] | [not_found]
needs.node_state = needs_entry
function run.node_state(op)
  local first = first_answer(op)
  if first then return first end
  local name, state = 'node:' .. op[6], op[7]
  local entry = entry_of(name)
  if not entry or not entry[2] then return { 'not_found' } end
  set_node_state(entry[1], state)
  stage_entry(name, 'put', { entry[1], entry[2], state, entry[4] })
  return remember(op, { 'ok', entry[1], entry[2], state })
end

-- delete, home, member, fingerprint, kind, id -> [ok | replayed, index] | [not_found] | [in_use, field of a cell, or
-- `references`]
needs.delete = needs_entry

local function in_use(cell)
  return cell[1] ~= 0 or cell[4] ~= 0 or cell[5] ~= 0
end

-- The first cell of a node that has units or promises, as this call leaves it.
local function used_cell_of_node(index)
  local p, prefix, cursor = index % partitions, index .. ':', '0'
  local staged = head_of(p).cells
  for field, cell in pairs(staged) do
    if type(cell) == 'table' and sub(field, 1, #prefix) == prefix and in_use(cell) then return field end
  end
  repeat
    local page = call('HSCAN', cells_keys[p + 1], cursor, 'MATCH', prefix .. '*', 'COUNT', 1000)
    cursor = page[1]
    for i = 1, #page[2], 2 do
      local field = page[2][i]
      if type(staged[field]) ~= 'table' and in_use({ unpack_one(page[2][i + 1]) }) then return field end
    end
  until cursor == '0'
end

local function used_cell_of_sku(index)
  local nodes = tonumber(field_of(partitions, 'next:node') or 0)
  for node = 0, nodes - 1 do want_cell(node % partitions, node .. ':' .. index) end
  load_all(load_cells)
  for node = 0, nodes - 1 do
    local field = node .. ':' .. index
    if in_use(cell_of(node % partitions, field)) then return field end
  end
end

function run.delete(op)
  local first = first_answer(op)
  if first then return first end
  local kind, name = op[5], op[5] .. ':' .. op[6]
  local entry = entry_of(name)
  if not entry or not entry[2] then return { 'not_found' } end
  if references_to(name) > 0 then return { 'in_use', 'references' } end
  local used
  if kind == 'node' then used = used_cell_of_node(entry[1]) or awaited_cell_of_node(entry[1]) end
  if kind == 'sku' then used = used_cell_of_sku(entry[1]) or awaited_cell_of_sku(entry[1]) end
  if used then return { 'in_use', used } end
  if kind == 'node' then set_node_state(entry[1], 3) end
  if kind == 'sku' then set_sku_state(entry[1], '3') end
  count_references(entry[4], -1)
  stage_entry(name, 'delete', { entry[1], false, 3, {} })
  return remember(op, { 'ok', entry[1], '', 3 })
end

--== first answers ===================================================================================================

-- recall, home, member, fingerprint -> the first answer of a request, or [unknown] and nothing is changed.
function needs.recall(op)
  want_res(op[2], op[3])
end

function run.recall(op)
  return first_answer(op) or { 'unknown' }
end

-- pin, home, member, fingerprint -> [ok | replayed, now of the first answer] | [reused, fingerprint]
needs.pin = needs.recall

function run.pin(op)
  return first_answer(op) or remember(op, { 'ok', now })
end

-- recall_reservation, home, member, body -> as reserve, of the body only the fingerprint counts; or [unknown].
needs.recall_reservation = needs.refuse

function run.recall_reservation(op)
  return replay_reservation(op) or { 'unknown' }
end

--== maintenance =====================================================================================================

-- sweep, limit -> [ok, members taken]: due holds back to stock, old records forgotten, at most `limit` a partition.
function needs.sweep() end
function run.sweep(op)
  local members = 0
  for p = 0, partitions - 1 do members = members + reap(p, op[2]) end
  return { 'ok', members }
end

-- repair, reference, partition, field, version, held, committed -> [ok] | [changed]: the two sums of a cell as they
-- should be, if nothing has changed the cell since it was found wrong (its version says so).
function needs.repair(op) want_cell(op[3], op[4]) end
function run.repair(op)
  local cell = cell_of(op[3], op[4])
  if cell[6] ~= op[5] then return { 'changed' } end
  cell[4], cell[5] = op[6], op[7]
  stage_cell(op[3], op[4], cell, 'repair', op[2])
  return { 'ok' }
end

-- repair_due, reference, home, member -> [ok] | [changed]: a hold back into the due index, at the end its record says.
function needs.repair_due(op) want_res(op[3], op[4]) end
function run.repair_due(op)
  local record = record_of(op[3], op[4])
  if not record or record[RECORD.state] ~= HELD then return { 'changed' } end
  log_change(op[3], 'repair', op[2])
  stage_res(op[3], op[4], pack_record(record), record[RECORD.expires])
  return { 'ok' }
end

--== the call ========================================================================================================

local function write_list(command, key, list, n)
  if n <= CHUNK then
    if n > 0 then call(command, key, unpack(list, 1, n)) end
    return
  end
  for first = 1, n, CHUNK do call(command, key, unpack(list, first, min(first + CHUNK - 1, n))) end
end

local function write_partition(p, part)
  local names, out = names_of(p), part.out
  out[2], out[4] = instant(part.seq), instant(now)
  if part.inactive ~= tonumber(part.cells.inactive or 0) then
    out[part.out_n + 1], out[part.out_n + 2] = 'inactive', instant(part.inactive)
    part.out_n = part.out_n + 2
  end
  write_list('HSET', names.cells, out, part.out_n)
  if part.supply_out then write_supply(names, part) end
  local records, gone, due, undue = {}, {}, {}, {}
  local staged = part.staged
  for i = 1, #staged, 3 do
    local member, packed, due_at = staged[i], staged[i + 1], staged[i + 2]
    if packed == part.res[member] then -- else it was staged again later
      local n, m = #records, #due
      if packed then records[n + 1], records[n + 2] = member, packed else gone[#gone + 1] = member end
      if due_at then due[m + 1], due[m + 2] = instant(due_at), member else undue[#undue + 1] = member end
    end
  end
  write_list('HSET', names.res, records, #records)
  write_list('HDEL', names.res, gone, #gone)
  write_list('ZADD', names.due, due, #due)
  write_list('ZREM', names.due, undue, #undue)
  for _, entry in ipairs(part.entries) do call('XADD', names.log, unpack(entry)) end
end

local function server_time_ms()
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- -> the argument as a table
local function begin(keys, argument)
  call, pack, unpack_one, unpack = redis.call, cmsgpack.pack, cmsgpack.unpack, _G.unpack
  ipairs, pairs, type, tonumber = _G.ipairs, _G.pairs, _G.type, _G.tonumber
  sub, format, min, max = string.sub, string.format, math.min, math.max
  local packed = unpack_one(argument)
  cells_keys, partitions, parts, texts, heads = keys, #keys - 1, {}, {}, {}
  now, retention = packed[1] > 0 and packed[1] or server_time_ms(), packed[2]
  reap_left, reaped = REAP_MAX, false
  return packed
end

local function apply(keys, args)
  local packed = begin(keys, args[1])
  local operations, answers = {}, {}
  for i = 3, #packed do
    local op = { unpack_one(packed[i]) }
    operations[i - 2] = op
    needs[op[1]](op)
  end
  load_all(load_res)
  for _, op in ipairs(operations) do
    local further = follow[op[1]]
    if further then further(op) end
  end
  load_all(load_cells)
  for i, op in ipairs(operations) do answers[i] = run[op[1]](op) end
  local reply = pack(answers)
  for p, part in pairs(parts) do
    if part.dirty then write_partition(p, part) end
  end
  return reply
end

redis.register_function('promessa_v1_apply', apply)
