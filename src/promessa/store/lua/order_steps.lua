-- A step of orders: what it makes of them, and all that it moves in stock, in one change.

-- order_step, home, member, fingerprint, [partition, id, version (0: there is none yet), body, step, keep_ms, source_in_ms ...],
-- [move ...], cool-downs [node id, node_ix, sku, since, until, reason, decision ...], [home, id, node_ix, 1 if the node has something
-- to do for the order ...] -> [ok | replayed, [order ...], partition, seq ...] |
-- [reused, fingerprint] | [other_version, id, version] | [not_found] | [expired, expires] | [wrong_state, state] | [exceeds, field, open] |
-- [gone, why] | [of_order, order id] | [short, [field, requested, available, reason ...]].
-- Callers decide on an order as it was at a version; at another version nothing is done, and they look again. Moves:
--   confirm, home, member, order id, [field, units ...]   a reservation becomes part of an order: these units, the rest goes back
--   release | fulfill, home, member, order id, [field, units ...]
--   transfer, home, member, order id, [field, partition, field, units ...], [node, days that it may slip]   to other cells, if they
--     are there; a step has one at most
--   withhold, partition, field, reason, units (0: all that nobody was promised), missing (thousandths), field of the evidence
--   receive, partition, field, units, reason ('': they can be sold)
local WRITE = 7
local MOVE = { kind = 1, home = 2, member = 3, order = 4, asked = 5 }
local check, make = {}, {}
local may_fail = { confirm = true, transfer = true }

local function is_of_reservation(move)
  local kind = move[MOVE.kind]
  return kind == 'confirm' or kind == 'release' or kind == 'fulfill' or kind == 'transfer'
end

-- An operation on a reservation as reservation_life.lua takes it.
local function act_on(move, record, order, lines)
  return Life[move[MOVE.kind]]({ [7] = order or lines, [8] = 1, [9] = lines }, move[MOVE.home], move[MOVE.member], record)
end

local function open_units(body)
  local units = 0
  for i = FIRST, #body, LINE do units = units + body[i + 4] end
  return units
end

-- A reservation that is there to become part of an order. One whose time is over is taken all the same: what nobody returned to
-- stock yet is still held, and the rest is taken once more, if it is there.
function check.confirm(move, record)
  local body = record[RECORD.body]
  if record[RECORD.adopted] then return { 'of_order', body[BODY.order] } end
  local state = record[RECORD.state]
  if state ~= HELD and state ~= EXPIRED and state ~= CONFIRMED then return { 'wrong_state', state } end
  local take, problem = Life.taken(body, move[MOVE.asked])
  if problem then return problem end
  if state ~= CONFIRMED then return nil end
  local units = 0
  for _, taken in pairs(take) do units = units + taken end
  if body[BODY.order] ~= '' and body[BODY.order] ~= move[MOVE.order] then return { 'wrong_state', state } end
  return units < open_units(body) and { 'wrong_state', state } or nil
end

function make.confirm(move, record)
  local confirmed = record[RECORD.state] == CONFIRMED
  record[RECORD.adopted] = 1
  if not confirmed then return act_on(move, record, move[MOVE.order], move[MOVE.asked]) end
  record[RECORD.body][BODY.order] = move[MOVE.order]
  log_change(move[MOVE.home], 'adopt', move[MOVE.member])
  stage_record(move[MOVE.home], move[MOVE.member], record, false)
end

local function check_part(move, record, last_first, in_stock, asked)
  local body, order = record[RECORD.body], move[MOVE.order]
  if not record[RECORD.adopted] or body[BODY.order] ~= order then return { 'of_order', body[BODY.order] } end
  local _, problem = Life.taken(body, asked or move[MOVE.asked], last_first, in_stock)
  return problem
end

function check.release(move, record) return check_part(move, record, true) end
function check.fulfill(move, record) return check_part(move, record, false, true) end

local function take_part(move, record)
  local refusal = act_on(move, record, nil, move[MOVE.asked])
  if refusal then error('promessa: a move was refused after it was checked') end
end

make.release, make.fulfill = take_part, take_part

function check.transfer(move, record)
  local asked, moves = {}, move[MOVE.asked]
  for j = 1, #moves, 4 do asked[#asked + 1], asked[#asked + 2] = moves[j], moves[j + 3] end
  return check_part(move, record, false, true, asked)
end

-- Only when all else is checked it is seen whether the units are there.
function make.transfer(move, record)
  local slips = { [move[6][1]] = move[6][2] }
  local refusal = Life.transfer({ [7] = move[MOVE.asked], slips = slips }, move[MOVE.home], move[MOVE.member], record)
  return refusal and { 'short', refusal[4] }
end

function check.withhold() return nil end

-- What of a cell is withheld is what can still be sold; where units are not counted there is nothing to withhold.
function make.withhold(move)
  local p, field, reason, asked, missing = move[2], move[3], move[4], move[5], move[6]
  if missing > 0 then Evidence.add(p, move[7], 0, missing) end
  local cell = cell_of(p, field)
  local free = asked > 0 and cell[1] - cell[2] or cell[1] - cell[2] - cell[4] - cell[5]
  local units = asked > 0 and min(asked, free) or free
  if cell[8] or units <= 0 then return end
  local reasons, short = Reasons.of(p, field), deficit(cell)
  reasons[reason] = (reasons[reason] or 0) + units
  cell[2] = cell[2] + units
  follow_rules(p, field, cell)
  stage_cell(p, field, cell, 'withhold', reason)
  Reasons.stage(p, field)
  note_deficit(p, field, short, cell)
end

function check.receive(move)
  local problem = gone(move[2], move[3])
  if problem then return { 'gone', problem } end
  return cell_of(move[2], move[3])[1] + move[4] > MAX_QUANTITY and { 'gone', OVERFLOW } or nil
end

function make.receive(move, _, order_id)
  local p, field, units, reason = move[2], move[3], move[4], move[5]
  local cell = cell_of(p, field)
  local short = deficit(cell)
  cell[1] = cell[1] + units
  remember_move(p, field, cell, now, units)
  if reason ~= '' then
    local reasons = Reasons.of(p, field)
    reasons[reason] = (reasons[reason] or 0) + units
    cell[2] = cell[2] + units
  end
  follow_rules(p, field, cell)
  stage_cell(p, field, cell, 'return', order_id)
  if reason ~= '' then Reasons.stage(p, field) end
  note_deficit(p, field, short, cell)
end

function needs.order_step(op)
  want_request(op[2], op[3])
  for _, move in ipairs(op[6]) do
    if is_of_reservation(move) then want_res(move[MOVE.home], move[MOVE.member]) else want_cell(move[2], move[3]) end
    for j = 2, move[MOVE.kind] == 'transfer' and #move[MOVE.asked] or 0, 4 do
      want_cell(move[MOVE.asked][j], move[MOVE.asked][j + 1])
    end
  end
end

function follow.order_step(op)
  for _, move in ipairs(op[6]) do
    local packed = is_of_reservation(move) and parts[move[MOVE.home]].res[move[MOVE.member]]
    if packed and not is_answer(packed) then want_cells_of({ unpack_one(packed) }) end
  end
end

-- Why nothing is to be done, nil if all can; and the records of the reservations, by move.
local function refusal_of(writes, moves)
  local records = {}
  for i = 1, #writes, WRITE do
    local order = Orders.of(writes[i], writes[i + 1])
    local version = order and order[ORDER.version] or 0
    if version ~= writes[i + 2] then return { 'other_version', writes[i + 1], version } end
  end
  for n, move in ipairs(moves) do
    local record
    if is_of_reservation(move) then
      record = record_of(move[MOVE.home], move[MOVE.member])
      if not record or record[RECORD.outcome] == REFUSED then return { 'not_found', sub(move[MOVE.member], 3) } end
    end
    local problem = check[move[MOVE.kind]](move, record)
    if problem then return problem end
    records[n] = record
  end
  return nil, records
end

-- Where moves can be seen: the partitions of what they touch.
local function positions_of(moves, records, answer)
  local list = {}
  for n, move in ipairs(moves) do
    local body, k = records[n] and records[n][RECORD.body], #list
    for i = FIRST, body and #body or 0, LINE do list[#list + 1], list[#list + 2] = body[i], 1 end
    if not body then list[k + 1], list[k + 2] = move[2], 1 end
  end
  return add_positions(answer, list, 1, 2, 1)
end

function run.order_step(op)
  local first = first_answer(op)
  if first then return first end
  local writes, moves, orders = op[5], op[6], {}
  local refusal, records = refusal_of(writes, moves)
  if refusal then return refusal end
  for n, move in ipairs(moves) do -- what may not be to be had is seen before all else
    if may_fail[move[MOVE.kind]] then
      refusal = make[move[MOVE.kind]](move, records[n])
      if refusal then return refusal end
    end
  end
  for n, move in ipairs(moves) do
    if not may_fail[move[MOVE.kind]] then make[move[MOVE.kind]](move, records[n], writes[2]) end
  end
  Cooling.add_all(op[7])
  for i = 1, #writes, WRITE do
    orders[#orders + 1] = Orders.stage(writes[i], writes[i + 1], unpack(writes, i + 3, i + 6))
  end
  Orders.note_work(op[8])
  return remember(op, positions_of(moves, records, { 'ok', orders }))
end
