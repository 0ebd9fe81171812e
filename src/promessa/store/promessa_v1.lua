#!lua name=promessa_v1
--[[
The write side of promessa: every change of stock, reservations and catalogue is one call of promessa_v1_apply.

KEYS      KEYS[p + 1] is `{<ns>:<p>}:cells` of partition p, for p = 0 .. P-1; KEYS[P + 1] is the catalogue's. Declared
          are always all of them; the other keys of a partition share its hash tag and end in res, due, log, moves,
          deficits.
  cells   hash   `<node_ix>:<sku_ix>` -> cell: on_hand, unavailable, safety_stock, held, committed, version,
                 counted_at_ms, as consecutive MessagePack integers; `n:<node_ix>` -> state of a node (1 active,
                 2 paused, 3 deleted); `inactive` -> how many nodes of the partition are not active; `seq` -> sequence
                 of the last log entry; `clock` -> ms of the last change. In the catalogue: `<kind>:<id>` -> [index,
                 JSON or false once deleted, node state]; `next:<kind>` -> next index.
  res     hash   `r:<request_id>` -> reservation record (see RECORD); `q:<request_id>` -> [fingerprint, answer];
                 `s:<source_id>` -> a source of deltas (see SOURCE), `p:<source_id>:<sequence>` -> what it parked.
  moves   hash   field of a cell -> what came to it and left it since its last count (see MOVES).
  deficits hash  field of a cell that feeds put into deficit -> since when, ms. One that came out of it otherwise stays
                 here until settle_deficits finds it.
  due     zset   member of res -> ms when it expires (a hold) or may be forgotten (anything final).
  log     stream `<seq>-0`, contiguous. t: ms. Then changes in order: a pair of kind and what the change refers to, and
                 a pair of field and after-value for every cell (or catalogue record) it touched. Kinds are words
                 without a colon. One entry per partition and call, so that nobody ever sees half a call; more only
                 where one would be very long.
ARGV      ARGV[1] is one MessagePack array: now_ms or 0, retention_ms, then one string an operation: its consecutive
          MessagePack values, the first its name. A cell is named by its partition (node_ix mod P) and its field. Members of res come ready made;
          `home` is the partition of a request id.
RETURNS   one MessagePack array with one answer per operation: [word, ...]. The words are mapped in store/answers.py.

INVARIANTS
  held and committed of a cell are the sums of open units of the HELD and CONFIRMED records that name it.
  A hold of q is granted only if on_hand - unavailable - safety_stock - held - committed >= q at that instant.
  A hold is refused for want of stock only after every due hold has been returned to stock.
  Redis does not roll back: an operation reads and decides on tables, and the call writes once, at its end, with
  commands that cannot fail.
VERSION   The library's name is its contract. A change of meaning is promessa_v2 beside it.
--]]

-- A record is six consecutive MessagePack values; the last, its body, is an array of five values and then eight a line:
-- partition, field, requested (0 in a line that Transfer added), granted, open (in an EXPIRED record: what went back),
-- fulfilled, available (0 where all was granted), reason.
local RECORD = { state = 1, created = 2, updated = 3, expires = 4, outcome = 5, body = 6 }
local BODY = { fingerprint = 1, ttl = 2, owner = 3, order = 4, extra = 5 }
local FIRST, LINE = 6, 8
local HELD, CONFIRMED, FULFILLED, RELEASED, EXPIRED = 1, 2, 3, 4, 5
local RESERVED, PARTIAL, REFUSED = 1, 2, 3
local NO_STOCK, NODE_PAUSED = 1, 2
local APPLIED, UNCHANGED, STALE, INSUFFICIENT, CONFLICT, OVERFLOW = 1, 2, 3, 4, 8, 9
local ABSORBED, TOO_OLD, IN_FUTURE = 10, 11, 12
local MAX_QUANTITY = 1000000000000
local CLOCK_ALLOWANCE = 5000 -- ms that the clock of who tells of an instant may be ahead of ours

-- MOVES of a cell: the instant of the last one forgotten (0: none), then pairs of instant and units, in order of time. A
-- count as of an earlier instant puts them on top. What happened up to the last count is never asked for again.
local MOVES_MAX, MOVES_MS = 32, 48 * 3600 * 1000
local QUARTER = 15 * 60 * 1000 -- where there are too many, what left in one quarter of an hour is one move
-- SOURCE of deltas: its epoch, the sequence that comes next, then pairs of a parked sequence and its number of deltas.
-- What is parked is the operation that came, without its position.
local IN_SEQUENCE, DUPLICATE, PARKED, STALE_EPOCH, PARKING_FULL = 1, 2, 3, 4, 5
local PARKED_MAX, PARKED_DELTAS_MAX = 64, 8000 -- messages and their deltas: what one call can still apply at once
local CHUNK = 2000 -- values in one command: well below what Lua can pass
local REAP_MAX = 2000 -- members of due taken by one call before a refusal: some milliseconds

-- What the sandbox offers, set by begin(): while the library loads there is none of it, and later each global is a slow
-- look-up.
local call, pack, unpack_one, unpack, ipairs, pairs, type, tonumber, sub, format, min, max, floor

-- The call under way: a function runs alone, and begin() sets these first. `now` only ever rises.
local cells_keys, partitions, parts, now, retention, texts, heads, reap_left, reaped

--== reading =========================================================================================================

-- A partition as this call sees it. cells and res: what was read or staged (false: not there), by field and member.
-- A cell that was used is a table. out: what HSET will write to cells. staged: member, value (false: forget it) and when
-- it is due (false: never), in order; where a member comes again, the last counts. moves: as cells, and what of it changed
-- is in moved; nil until they are wanted, for most calls want none. deficits: what will be written there, nil if nothing.
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
    local tag = sub(cells, 1, -6)
    names = { cells = cells, res = tag .. 'res', due = tag .. 'due', log = tag .. 'log', moves = tag .. 'moves',
      deficits = tag .. 'deficits' }
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

local function want_moves(p, field)
  local part = parts[p] or open_partition(p)
  if not part.moves then part.moves, part.moves_want, part.moved = {}, {}, {} end
  if part.moves[field] == nil then
    part.moves[field] = false
    part.moves_want[#part.moves_want + 1] = field
  end
end

local function load_moves(p, part)
  if not part.moves or #part.moves_want == 0 then return end
  fetch(names_of(p).moves, part.moves_want, part.moves)
  part.moves_want = {}
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

-- Units promised that are not there.
local function deficit(cell)
  return max(cell[4] + cell[5] - (cell[1] - cell[2]), 0)
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

-- What moved a cell since its last count as a table, false if nothing did.
local function moves_of(p, field)
  local known = parts[p].moves
  local moves = known and known[field]
  if moves == nil then
    want_moves(p, field)
    load_moves(p, parts[p])
    moves = parts[p].moves[field]
  end
  if type(moves) == 'string' then
    moves = { unpack_one(moves) }
    parts[p].moves[field] = moves
  end
  return moves
end

-- Units that came less those that left after an instant; nil if some of it may be forgotten.
local function moved_since(p, field, at)
  local moves, units = moves_of(p, field), 0
  if not moves then return 0 end
  if at < moves[1] then return nil end
  for i = 2, #moves, 2 do
    if moves[i] > at then units = units + moves[i + 1] end
  end
  return units
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

local function stage_moves(p, field, moves)
  local part = dirty(p)
  part.moves[field], part.moved[field] = moves, true
end

-- since: an instant; true for "as before, now if it is not there"; false: no longer in deficit.
local function stage_deficit(p, field, since)
  local part = dirty(p)
  part.deficits = part.deficits or {}
  if since ~= true or part.deficits[field] == nil then part.deficits[field] = since end
end

-- What a change of the units on hand (its cell is staged) did to the promises of a cell: a deficit that grows is a change
-- of its own in the log, for nobody who promised was asked.
local function note_deficit(p, field, before, cell)
  local after = deficit(cell)
  if after > before then log_change(p, 'deficit', field .. ' ' .. instant(after)) end
  if after > 0 then
    stage_deficit(p, field, before > 0 or now)
  elseif before > 0 then
    stage_deficit(p, field, false)
  end
end

-- With what left in one quarter of an hour as one move, at the instant of the last: a count from within it takes all of
-- that for later than itself. Too few units are promised then, never too many.
local function joined(moves)
  local kept = { moves[1] }
  for i = 2, #moves, 2 do
    local n, at, units = #kept, moves[i], moves[i + 1]
    if n > 1 and units < 0 and kept[n] < 0 and floor(kept[n - 1] / QUARTER) == floor(at / QUARTER) then
      kept[n - 1], kept[n] = at, kept[n] + units
    else
      kept[n + 1], kept[n + 2] = at, units
    end
  end
  return kept
end

-- Without the oldest: those past their time, and those too many.
local function without_oldest(moves)
  local first = 2
  while #moves - first + 1 > 2 * MOVES_MAX or first < #moves and moves[first] < now - MOVES_MS do first = first + 2 end
  if first == 2 then return moves end
  return { moves[first - 2], unpack(moves, first) }
end

-- Remembers that units came to a cell (above zero) or left it. No count that may still come is older than its last one.
local function remember_move(p, field, cell, at, units)
  local moves = moves_of(p, field) or { 0 }
  if at <= max(cell[7], moves[1]) then return end
  local i = #moves + 1
  while i > 2 and moves[i - 2] > at do
    moves[i], moves[i + 1] = moves[i - 2], moves[i - 1]
    i = i - 2
  end
  moves[i], moves[i + 1] = at, units
  if #moves > 2 * MOVES_MAX + 1 then moves = joined(moves) end
  stage_moves(p, field, without_oldest(moves))
end

-- Forgets what a count as of `at` has in it.
local function forget_moves(p, field, at)
  local moves = moves_of(p, field)
  if not moves then return end
  local kept = { moves[1] }
  for i = 2, #moves, 2 do
    local n = #kept
    if moves[i] > at then kept[n + 1], kept[n + 2] = moves[i], moves[i + 1] end
  end
  stage_moves(p, field, (#kept > 1 or kept[1] > at) and kept)
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
  local cell = cell_of(body[i], body[i + 1])
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
      local cell = cell_of(body[i], body[i + 1])
      cell[4] = cell[4] - open
      stage_cell(body[i], body[i + 1], cell, 'expire', member)
    end
  end
  record[RECORD.state], record[RECORD.updated] = EXPIRED, now
  stage_res(home, member, pack_record(record), now + retention)
end

local function want_cells_of(record)
  local body = record[RECORD.body]
  for i = FIRST, #body, LINE do
    if body[i + 4] > 0 then want_cell(body[i], body[i + 1]) end
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

-- reserve, home, member, body, ttl_ms, all_or_nothing, keep_refusal, then for each line partition, field, quantity
-- -> [granted, now, partition, seq ...] | [ok | replayed, record, partition, seq ...] | [reused, fingerprint] | [due]
-- The body comes as it is stored if all is granted, and then nothing of it is sent back. Lines name each cell once. A
-- refusal is remembered only if keep_refusal is 1. `due` stands for "ask again": so many holds are due that one call
-- could not return them all, and they may be what is wanted.
local RESERVE_LINES = 8

function needs.reserve(op)
  want_res(op[2], op[3])
  for i = RESERVE_LINES, #op, 3 do want_cell(op[i], op[i + 1]) end
end

-- Units that can be promised of a cell, and why there are no more.
local function promisable(p, field)
  local free = available(cell_of(p, field))
  if not takes_orders(p, field) then return 0, NODE_PAUSED end
  return max(free, 0), NO_STOCK
end

local function all_there(op)
  for i = RESERVE_LINES, #op, 3 do
    if promisable(op[i], op[i + 1]) < op[i + 2] then return false end
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
local function cut(body, all_or_nothing)
  local total = 0
  for i = FIRST, #body, LINE do
    local free, reason = promisable(body[i], body[i + 1])
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
  if cut(body, op[6]) == REFUSED then
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

-- How many units of each line to take: all that is open, or those asked for. nil and the first line that has too few.
local function taken(body, asked)
  local take = {}
  if #asked == 0 then
    for i = FIRST, #body, LINE do take[i] = body[i + 4] end
    return take
  end
  for j = 1, #asked, 2 do
    local found = false
    for i = FIRST, #body, LINE do
      if body[i + 1] == asked[j] then
        found = true
        take[i] = (take[i] or 0) + asked[j + 1]
        if take[i] > body[i + 4] then return nil, { 'exceeds', asked[j], body[i + 4] } end
      end
    end
    if not found then return nil, { 'exceeds', asked[j], 0 } end
  end
  return take
end

-- Whether the units taken of each line can be promised, all of them.
local function all_free(body, take)
  for i = FIRST, #body, LINE do
    if (take[i] or 0) > 0 and promisable(body[i], body[i + 1]) < take[i] then return false end
  end
  return true
end

-- Of an EXPIRED record, which comes here only if it may be reacquired, nothing is held any more: what is to be kept must
-- be there once again.
local function confirm(op, home, member, record)
  local state, body = record[RECORD.state], record[RECORD.body]
  if state == CONFIRMED and #op[9] == 0 then return nil end
  if state ~= HELD and state ~= EXPIRED then return wrong_state(record) end
  local take, problem = taken(body, op[9])
  if not take then return problem end
  if state == EXPIRED and not all_free(body, take) then
    reap_everything()
    if not all_free(body, take) then return { 'expired', record[RECORD.expires] } end
  end
  for i = FIRST, #body, LINE do
    local open, kept = body[i + 4], take[i] or 0
    local held = state == HELD and open or 0
    if held > 0 or kept > 0 then
      local cell = cell_of(body[i], body[i + 1])
      cell[4], cell[5] = cell[4] - held, cell[5] + kept
      stage_cell(body[i], body[i + 1], cell, state == HELD and 'confirm' or 'hold', member)
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
  local take, problem = taken(body, op[7])
  if not take then return problem end
  for i = FIRST, #body, LINE do
    if (take[i] or 0) > 0 then
      local cell = let_go(body, i, take[i], column_of(record))
      stage_cell(body[i], body[i + 1], cell, 'release', member)
    end
  end
  close_if_done(home, member, record)
end

local function fulfill(op, home, member, record)
  local state = record[RECORD.state]
  if state == FULFILLED and #op[7] == 0 then return nil end
  if state ~= CONFIRMED then return wrong_state(record) end
  local body = record[RECORD.body]
  local take, problem = taken(body, op[7])
  if not take then return problem end
  for i = FIRST, #body, LINE do
    if (take[i] or 0) > 0 then
      local cell = let_go(body, i, take[i], 5)
      cell[1] = max(cell[1] - take[i], 0)
      remember_move(body[i], body[i + 1], cell, now, -take[i])
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
  local take, problem = taken(body, asked)
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

-- What leaves a cell is one of its moves.
function follow.fulfill(op)
  local packed = parts[op[5]].res[op[6]]
  if not packed then return end
  local record = { unpack_one(packed) }
  local body = record[RECORD.body]
  want_cells_of(record)
  for i = FIRST, #body, LINE do
    if body[i + 4] > 0 then want_moves(body[i], body[i + 1]) end
  end
end

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

local function want_items_and_moves(op, items, width)
  want_items(op, items, width)
  for i = 1, #items, width do
    if items[i] >= 0 then want_moves(items[i], items[i + 1]) end
  end
end

-- Runs `change(cell, items, i, op)` -> outcome for every item and stages the cells it applied to. Answer:
-- [ok, [outcome, on_hand, available ...], [partition, seq ...], the last cell]
local function apply_items(op, items, width, kind, reference, change)
  local results, positions, touched, last = {}, {}, {}, nil
  for i = 1, #items, width do
    local p, field, n = items[i], items[i + 1], #results
    if p < 0 then
      results[n + 1], results[n + 2], results[n + 3] = field, 0, 0
    else
      local cell = cell_of(p, field)
      local short = deficit(cell)
      local outcome = change(cell, items, i, op)
      if outcome == APPLIED then
        stage_cell(p, field, cell, kind, reference)
        note_deficit(p, field, short, cell)
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
  return { 'ok', results, positions, last and { unpack(last) } or {} }
end

local function feed(op, items, width, kind, reference, change)
  return first_answer(op) or remember(op, apply_items(op, items, width, kind, reference, change))
end

-- deltas, home, member, fingerprint, reason, [partition, field, delta, occurred_at_ms (0: now) ...], merge_late, home of
-- the source, its member, epoch, sequence. A delta that happened up to the cell's last count is in that count, and applied
-- only if merge_late is 1. With a source -> also where the message stands: ..., outcome, epoch, sequence that comes next,
-- [sequence, member of the request, results of each parked message applied with it ...]
local DELTA = 4

local function adjust(cell, items, i, op)
  local units, at = items[i + 2], items[i + 3]
  local on_hand = cell[1] + units
  if at > now + CLOCK_ALLOWANCE then return IN_FUTURE end
  if at > 0 and at <= cell[7] and op[7] == 0 then return ABSORBED end
  if on_hand < 0 then return INSUFFICIENT end
  if on_hand > MAX_QUANTITY then return OVERFLOW end
  cell[1] = on_hand
  remember_move(items[i], items[i + 1], cell, at > 0 and at or now, units)
  return APPLIED
end

local function apply_deltas(op)
  return apply_items(op, op[6], DELTA, 'adjust', op[5], adjust)
end

local function source_of(op)
  local packed = res_of(op[8], op[9])
  return packed and { unpack_one(packed) } or { op[10], 1 }
end

local function stage_source(op, source)
  stage_res(op[8], op[9], pack(unpack(source)), false)
end

local function parked_member(op, sequence)
  return 'p:' .. sub(op[9], 3) .. ':' .. instant(sequence)
end

-- Where a source remembers a parked sequence, nil if it does not.
local function place_of(source, sequence)
  for i = 3, #source, 2 do
    if source[i] == sequence then return i end
  end
end

local function placed(answer, outcome, source, released)
  answer[5], answer[6], answer[7], answer[8] = outcome, source[1], source[2], released
  return answer
end

local function not_applied(outcome, source)
  return placed({ 'ok', {}, {}, {} }, outcome, source, {})
end

-- A source in a new epoch: sequences begin at 1, and what the old one parked is forgotten.
local function begin_epoch(op, source)
  for i = 3, #source, 2 do stage_res(op[8], parked_member(op, source[i]), false, false) end
  return { op[10], 1 }
end

local function park(op, source)
  local sequence, deltas = op[11], #op[6] / DELTA
  local n, parked = #source, deltas
  for i = 4, n, 2 do parked = parked + source[i] end
  if n >= 2 + 2 * PARKED_MAX or parked > PARKED_DELTAS_MAX then return not_applied(PARKING_FULL, source) end
  source[n + 1], source[n + 2] = sequence, deltas
  stage_res(op[8], parked_member(op, sequence), pack(unpack(op, 1, 7)), false)
  stage_source(op, source)
  return not_applied(PARKED, source)
end

-- Takes the parked message that comes next out of its source and applies it; its answer is the first one of its own
-- request id. -> nil if there is a gap, else its sequence, its request's member, its answer
local function apply_next_parked(op, source)
  local sequence = source[2]
  local i, member = place_of(source, sequence), parked_member(op, sequence)
  if not i then return nil end
  local parked = { unpack_one(res_of(op[8], member)) }
  needs.deltas(parked)
  load_all(load_res)
  load_all(load_cells)
  load_all(load_moves)
  table.remove(source, i)
  table.remove(source, i)
  source[2] = sequence + 1
  stage_res(op[8], member, false, false)
  local answer = first_answer(parked)
  if answer and answer[1] == 'reused' then answer = not_applied(DUPLICATE, source) end
  return sequence, parked[3], answer or remember(parked, placed(apply_deltas(parked), IN_SEQUENCE, source, {}))
end

-- Adds the partitions of other positions to some, and says where all of them are now.
local function see_also(positions, others)
  local seen = {}
  for i = 1, #positions, 2 do seen[positions[i]] = true end
  for i = 1, #others, 2 do
    if not seen[others[i]] then positions[#positions + 1], positions[#positions + 2] = others[i], 0 end
  end
  for i = 1, #positions, 2 do positions[i + 1] = parts[positions[i]].seq end
end

local function apply_in_sequence(op, source)
  local answer, released = apply_deltas(op), {}
  source[2] = source[2] + 1
  local sequence, member, parked = apply_next_parked(op, source)
  while sequence do
    local n = #released
    released[n + 1], released[n + 2], released[n + 3] = sequence, member, parked[2]
    see_also(answer[3], parked[3])
    sequence, member, parked = apply_next_parked(op, source)
  end
  stage_source(op, source)
  return remember(op, placed(answer, IN_SEQUENCE, source, released))
end

-- Only what is applied is remembered for its request id: the place of anything else is another one tomorrow.
local function in_sequence(op)
  local source, epoch, sequence = source_of(op), op[10], op[11]
  if epoch < source[1] then return not_applied(STALE_EPOCH, source) end
  if epoch > source[1] then source = begin_epoch(op, source) end
  if sequence == source[2] then return apply_in_sequence(op, source) end
  local known = sequence < source[2] and DUPLICATE or place_of(source, sequence) and PARKED
  if not known then return park(op, source) end
  dirty(op[8]) -- it is written with the call that is waited for, as in first_answer
  return not_applied(known, source)
end

function needs.deltas(op)
  want_items_and_moves(op, op[6], DELTA)
  if op[9] then want_res(op[8], op[9]) end
end

function run.deltas(op)
  return first_answer(op) or op[9] and in_sequence(op) or remember(op, apply_deltas(op))
end

-- counts, home, member, fingerprint, as_of_ms (0: now), [partition, field, on_hand, unavailable, safety_stock ...],
-- expected_on_hand, expected_version; -1 stands for "as before" and "whatever it is" -> also [future]
local COUNT = 5

-- What a count makes of a cell: outcome, and if it applies on hand, unavailable, safety stock, as_of. What moved after
-- as_of comes on top. Who expects a value or a version has seen the cell, so what it moved is in the count.
local function counted(cell, items, i, op)
  local as_of, expected_on_hand, expected_version = op[5] > 0 and op[5] or max(now, cell[7]), op[7], op[8]
  if expected_on_hand >= 0 and cell[1] ~= expected_on_hand then return CONFLICT end
  if expected_version >= 0 and cell[6] ~= expected_version then return CONFLICT end
  local on_hand = items[i + 2]
  local unavailable = items[i + 3] >= 0 and items[i + 3] or cell[2]
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
  return APPLIED, on_hand, unavailable, safety_stock, max(as_of, cell[7])
end

local function count(cell, items, i, op)
  local outcome, on_hand, unavailable, safety_stock, as_of = counted(cell, items, i, op)
  if outcome == APPLIED then
    cell[1], cell[2], cell[3], cell[7] = on_hand, unavailable, safety_stock, as_of
    forget_moves(items[i], items[i + 1], as_of)
  end
  return outcome
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
    if items[i] >= 0 then
      before = cell_of(items[i], items[i + 1])
      local on_hand, unavailable, safety_stock
      outcome, on_hand, unavailable, safety_stock = counted(before, items, i, op)
      after = on_hand and { on_hand, unavailable, safety_stock, before[4], before[5] }
    end
    after = after or before
    found[n + 1], found[n + 2], found[n + 3] = outcome, before[1], max(available(before), 0)
    found[n + 4], found[n + 5] = after[1], max(available(after), 0)
  end
  return { 'ok', found }
end

-- safety, home, member, fingerprint, [partition, field, quantity ...]
local function set_safety(cell, items, i)
  if cell[3] == items[i + 2] then return UNCHANGED end
  cell[3] = items[i + 2]
  return APPLIED
end

function needs.safety(op) want_items(op, op[5], 3) end
function run.safety(op) return feed(op, op[5], 3, 'safety', op[3], set_safety) end

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
  stage_entry(name, 'put', { index, op[7], state })
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
  stage_entry(name, 'put', { entry[1], entry[2], state })
  return remember(op, { 'ok', entry[1], entry[2], state })
end

-- delete, home, member, fingerprint, kind, id -> [ok | replayed, index] | [not_found] | [in_use, field of a cell]
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
  local used
  if kind == 'node' then used = used_cell_of_node(entry[1]) end
  if kind == 'sku' then used = used_cell_of_sku(entry[1]) end
  if used then return { 'in_use', used } end
  if kind == 'node' then set_node_state(entry[1], 3) end
  stage_entry(name, 'delete', { entry[1], false, 3 })
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

-- settle_deficits, limit -> [ok, cells in deficit]: takes those that came out of it off the list, of `limit` a partition.
function needs.settle_deficits() end
function run.settle_deficits(op)
  local left = 0
  for p = 0, partitions - 1 do
    local part = head_of(p)
    local key = names_of(p).deficits
    local fields = call('HRANDFIELD', key, op[2])
    left = left + call('HLEN', key)
    for _, field in ipairs(fields) do want_cell(p, field) end
    load_cells(p, part)
    for _, field in ipairs(fields) do
      if deficit(cell_of(p, field)) == 0 then
        stage_deficit(p, field, false)
        left = left - 1
      end
    end
  end
  return { 'ok', left }
end

-- repair, reference, partition, field, version, held, committed -> [ok] | [changed]: the two sums of a cell as they
-- should be, if nothing has changed the cell since it was found wrong (its version says so).
function needs.repair(op) want_cell(op[3], op[4]) end
function run.repair(op)
  local cell = cell_of(op[3], op[4])
  if cell[6] ~= op[5] then return { 'changed' } end
  local short = deficit(cell)
  cell[4], cell[5] = op[6], op[7]
  stage_cell(op[3], op[4], cell, 'repair', op[2])
  note_deficit(op[3], op[4], short, cell)
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

local function write_moves(key, part)
  local kept, gone = {}, {}
  for field in pairs(part.moved) do
    local moves, n = part.moves[field], #kept
    if moves then kept[n + 1], kept[n + 2] = field, pack(unpack(moves)) else gone[#gone + 1] = field end
  end
  write_list('HSET', key, kept, #kept)
  write_list('HDEL', key, gone, #gone)
end

local function write_deficits(key, deficits)
  local begun, gone = {}, {}
  for field, since in pairs(deficits) do
    local n = #begun
    if since == true then
      call('HSETNX', key, field, instant(now))
    elseif since then
      begun[n + 1], begun[n + 2] = field, instant(since)
    else
      gone[#gone + 1] = field
    end
  end
  write_list('HSET', key, begun, #begun)
  write_list('HDEL', key, gone, #gone)
end

local function write_partition(p, part)
  local names, out = names_of(p), part.out
  out[2], out[4] = instant(part.seq), instant(now)
  if part.inactive ~= tonumber(part.cells.inactive or 0) then
    out[part.out_n + 1], out[part.out_n + 2] = 'inactive', instant(part.inactive)
    part.out_n = part.out_n + 2
  end
  write_list('HSET', names.cells, out, part.out_n)
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
  if part.moves then write_moves(names.moves, part) end
  if part.deficits then write_deficits(names.deficits, part.deficits) end
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
  sub, format, min, max, floor = string.sub, string.format, math.min, math.max, math.floor
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
  load_all(load_moves)
  for i, op in ipairs(operations) do answers[i] = run[op[1]](op) end
  local reply = pack(answers)
  for p, part in pairs(parts) do
    if part.dirty then write_partition(p, part) end
  end
  return reply
end

redis.register_function('promessa_v1_apply', apply)
