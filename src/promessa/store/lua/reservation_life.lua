-- What becomes of a reservation: confirm, extend, release, fulfill, transfer.

-- What confirm, extend, release and fulfill share: [name, home of the request, its member, fingerprint, home of the
-- reservation, its member, ...] -> [ok | replayed, record, partition, seq ...] | [reused, fingerprint] | [not_found] |
-- [expired, expires] | [wrong_state, state] | [exceeds, field, open] | [of_order, order id]: its steps alone change what is part of one
local function needs_reservation(op)
  want_request(op[2], op[3])
  want_res(op[5], op[6])
end

-- The cells are known once the record is read.
local function follow_reservation(op)
  local packed = parts[op[5]].res[op[6]]
  if packed and not is_answer(packed) then want_cells_of({ unpack_one(packed) }) end
end

local function wrong_state(record)
  return { 'wrong_state', record[RECORD.state] }
end

-- How many units of each line to take: all that is open, or those asked for. Of the lines of one cell the first are taken
-- from first, or with `last_first` the bound ones; with `in_stock` bound lines do not count. Of a kit, which is asked for as
-- one, its units of every component. nil and the first cell that has too few.
local function taken(body, asked, last_first, in_stock)
  local take = {}
  local from, to, step = FIRST, #body, LINE
  if last_first then from, to, step = #body - LINE + 1, FIRST, -LINE end
  for i = from, to, step do
    local counts = not (in_stock and is_bound(body[i + 1]))
    take[i] = #asked == 0 and counts and body[i + 4] or 0
  end
  for j = 1, #asked, 2 do
    local left, open, kits = asked[j + 1], 0, nil
    for i = from, to, step do
      local name, per_kit = name_of_line(body[i + 1])
      if name == asked[j] and per_kit then
        open = body[i + 4] / per_kit -- the same in all lines of the kit
        kits = min(left, open - take[i] / per_kit)
        take[i] = take[i] + kits * per_kit
      elseif name == asked[j] and not (in_stock and is_bound(body[i + 1])) then
        local units = min(left, body[i + 4] - take[i])
        take[i], left, open = take[i] + units, left - units, open + body[i + 4]
      end
    end
    left = left - (kits or 0)
    if left > 0 then return nil, { 'exceeds', asked[j], open } end
  end
  return take
end

-- Whether the units taken of each line can be promised and taken on by their nodes, all of them; lines with components may
-- share a cell.
local function all_free(body, take, channel)
  local wanted, plan = {}, {}
  for i = FIRST, #body, LINE do
    local field = cell_of_line(body[i + 1])
    if take[i] > 0 then
      wanted[field] = (wanted[field] or 0) + take[i]
      if is_bound(body[i + 1]) or promisable(body[i], field, 0, channel) < wanted[field] then return false end
    end
    if capacity_left(plan, body[i + 1], take[i]) < 0 then return false end
  end
  return true
end

-- Takes on what is open of a record that was over.
local function take_on_again(record)
  local ties = record[RECORD.ties] or { -1, 0 }
  Capacity.take_all_on(ties, record[RECORD.body], FIRST, { at = 4, width = LINE })
  if #ties >= FIRST_TIE then record[RECORD.ties] = ties end
end

-- Of an EXPIRED record, which comes here only if it may be reacquired, nothing is held any more: what is to be kept must
-- be there once again. What was bound to inbound is not bound again: that takes a new reservation.
local function confirm(op, home, member, record)
  local state, body = record[RECORD.state], record[RECORD.body]
  if state == CONFIRMED and #op[9] == 0 and (op[7] == '' or op[7] == body[BODY.order]) then return nil end
  if state ~= HELD and state ~= EXPIRED then return wrong_state(record) end
  local take, problem = taken(body, op[9])
  if not take then return problem end
  local channel, draws = channel_of(record), record[RECORD.draws]
  if state == EXPIRED and not all_free(body, take, channel) then
    reap_everything()
    if not all_free(body, take, channel) then return { 'expired', record[RECORD.expires] } end
  end
  for i = FIRST, #body, LINE do
    local open, kept = body[i + 4], take[i]
    local held = state == HELD and open or 0
    if held > 0 or kept > 0 then
      local cell = counts_of(body[i], body[i + 1])
      if state == EXPIRED and kept > 0 and draws and cell[RING_FENCED] then
        Pools.draw(body[i], cell_of_line(body[i + 1]), cell, kept, draws)
      end
      cell[4], cell[5] = cell[4] - held, cell[5] + kept
      stage_counts(body[i], body[i + 1], cell, state == HELD and 'confirm' or 'hold', home, member, kept)
    end
    body[i + 4] = kept
  end
  record[RECORD.state], record[RECORD.updated], record[RECORD.expires] = CONFIRMED, now, 0
  if state == EXPIRED then take_on_again(record) end
  if op[7] ~= '' then
    body[BODY.order] = op[7]
    log_about(home, 'confirm', member, pack('', op[7], ''))
  end
  stage_record(home, member, record, false)
end

local function extend(op, home, member, record)
  if record[RECORD.state] ~= HELD then return wrong_state(record) end
  record[RECORD.expires], record[RECORD.updated] = now + op[7], now
  log_change(home, 'extend', member)
  stage_record(home, member, record, record[RECORD.expires])
end

local function close_if_done(home, member, record, consumed)
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
  stage_record(home, member, record, due_at, consumed)
end

-- Units of lines back to stock.
local function give_back(home, member, record, take)
  local body = record[RECORD.body]
  for i = FIRST, #body, LINE do
    if take[i] > 0 then
      local cell = let_go(body, i, take[i], column_of(record))
      stage_counts(body[i], body[i + 1], cell, 'release', home, member, body[i + 4])
    end
  end
  close_if_done(home, member, record)
end

local function release(op, home, member, record)
  local state = record[RECORD.state]
  if state == RELEASED and #op[7] == 0 then return nil end
  if state ~= HELD and state ~= CONFIRMED then return wrong_state(record) end
  local body = record[RECORD.body]
  local take, problem = taken(body, op[7], true)
  if not take then return problem end
  give_back(home, member, record, take)
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
      remember_move(body[i], (cell_of_line(body[i + 1])), cell, now, -take[i])
      body[i + 5] = body[i + 5] + take[i]
      follow_rules(body[i], (cell_of_line(body[i + 1])), cell)
      stage_cell(body[i], cell_of_line(body[i + 1]), cell, 'fulfill', member)
    end
  end
  close_if_done(home, member, record, true)
end

-- What cannot be moved for want of stock: [field, requested, available, reason ...], nil if all can.
local function shortage(moves, plan, channel)
  local wanted, order = {}, {}
  for j = 1, #moves, 4 do
    local field = cell_of_line(moves[j + 2])
    if not wanted[field] then order[#order + 1] = j end
    wanted[field] = (wanted[field] or 0) + moves[j + 3]
  end
  local short = {}
  for _, j in ipairs(order) do
    local p, field = moves[j + 1], cell_of_line(moves[j + 2])
    local free, reason = promisable(p, field, 0, channel)
    local left = capacity_left(plan, field, 0)
    if left < free then free, reason = left, CAPACITY_FULL end
    capacity_left(plan, field, min(free, wanted[field]))
    if free < wanted[field] then
      local n = #short
      short[n + 1], short[n + 2], short[n + 3], short[n + 4] = field, wanted[field], free, reason
    end
  end
  return #short > 0 and short or nil
end

-- The nodes at which a record counts as an order of a day.
local function ordered_at(record)
  local ties, nodes = record[RECORD.ties] or {}, {}
  for i = FIRST_TIE, #ties, TIE_WIDTH do
    if ties[i + 2] == ORDERS and ties[i + 3] > 0 then nodes[ties[i]] = true end
  end
  return nodes
end

-- Takes on what was moved, at the nodes it went to, within the days that they may slip.
local function take_on_moved(record, moves, has, slips)
  local ties, list = record[RECORD.ties] or { -1, 0 }, {}
  for j = 1, #moves, 4 do
    if not has[node_of(moves[j + 2])] then
      local n = #list
      list[n + 1], list[n + 2], list[n + 3] = moves[j + 1], moves[j + 2], moves[j + 3]
    end
  end
  Capacity.take_all_on(ties, list, 1, { at = 2, width = 3 }, slips)
  if #ties >= FIRST_TIE then record[RECORD.ties] = ties end
end

-- The moves of a reservation's lines, of more units than they have of none: those of a kit are one of each of its lines; of a
-- cell the units in stock go first, then, unless `in_stock`, those bound to what is to come.
local function moves_of_lines(body, moves, in_stock)
  local found, gone = {}, {}
  local function add(i, p, to_field, units)
    local n = #found
    found[n + 1], found[n + 2], found[n + 3], found[n + 4] = body[i + 1], p, to_field, units
    gone[i] = (gone[i] or 0) + units
  end
  for j = 1, #moves, 4 do
    local p, to_field, left = moves[j + 1], moves[j + 2], moves[j + 3]
    for i = FIRST, #body, LINE do
      local name, per_kit = name_of_line(body[i + 1])
      if per_kit and name == moves[j] then
        local of_kit = string.match(body[i + 1], '^k:%d+(:.*)$')
        add(i, p, 'k:' .. string.match(to_field, '^%d+') .. of_kit, moves[j + 3] * per_kit)
      elseif name == moves[j] and not (in_stock and is_bound(body[i + 1])) then
        local units = min(left, body[i + 4] - (gone[i] or 0))
        if units > 0 then add(i, p, to_field, units) end
        left = left - units
      end
    end
  end
  return found
end

-- Units of lines to other cells, all or nothing: what leaves a cell can be promised there at once, and what comes must have been
-- promisable. -> where stock is short the refusal
local function move_lines(op, home, member, record, moves)
  local state, body = record[RECORD.state], record[RECORD.body]
  local channel, draws = channel_of(record), record[RECORD.draws]
  local has = ordered_at(record)
  local short = shortage(moves, { has = has, slips = op.slips }, channel)
  if short then
    reap_everything()
    short = shortage(moves, { has = has, slips = op.slips }, channel)
  end
  if short then return { 'ok', pack_record(record), -1, short } end
  local column = column_of(record)
  for j = 1, #moves, 4 do
    local i, p, field, units = line_of(body, moves[j]), moves[j + 1], moves[j + 2], moves[j + 3]
    body[i + 3] = body[i + 3] - units
    local from = let_go(body, i, units, column)
    stage_counts(body[i], body[i + 1], from, 'transfer', home, member, body[i + 4])
    local to = line_of(body, field)
    if not to then
      to = #body + 1
      body[to], body[to + 1] = p, field
      for k = 2, LINE - 1 do body[to + k] = 0 end
    end
    body[to + 3], body[to + 4] = body[to + 3] + units, body[to + 4] + units
    local cell = counts_of(p, field)
    if draws and cell[RING_FENCED] then Pools.draw(p, cell_of_line(field), cell, units, draws) end
    cell[column] = cell[column] + units
    stage_cell(p, cell_of_line(field), cell, 'transfer', member)
  end
  take_on_moved(record, moves, has, op.slips)
  record[RECORD.updated] = now
  stage_record(home, member, record, state == HELD and record[RECORD.expires])
end

-- Units of a reservation in stock from cells to other cells.
local function transfer(op, home, member, record)
  local state, body, moves = record[RECORD.state], record[RECORD.body], op[7]
  if state ~= HELD and state ~= CONFIRMED then return wrong_state(record) end
  local asked = {}
  for j = 1, #moves, 4 do asked[#asked + 1], asked[#asked + 2] = moves[j], moves[j + 3] end
  local take, problem = taken(body, asked, false, true)
  if not take then return problem end
  return move_lines(op, home, member, record, moves_of_lines(body, moves, true))
end

-- What a node refused goes to other cells, and what no other node serves back to stock, or to the inbound that it was bound to;
-- the node cools down, and what is kept of the order's decisions is replaced. All or nothing.
local function resource(op, home, member, record)
  local state, body, moves, back = record[RECORD.state], record[RECORD.body], op[7], op[8]
  if state ~= HELD and state ~= CONFIRMED then return wrong_state(record) end
  if redis.sha1hex(body[BODY.extra]) ~= op[9] then return { 'moved' }, true end
  local asked = { unpack(back) }
  for j = 1, #moves, 4 do asked[#asked + 1], asked[#asked + 2] = moves[j], moves[j + 3] end
  local _, problem = taken(body, asked)
  if problem then return problem end
  body[BODY.extra] = op[10]
  if #moves > 0 then
    local refusal = move_lines(op, home, member, record, moves_of_lines(body, moves))
    if refusal then return { 'short', refusal[4] }, true end
  end
  if #back > 0 then
    give_back(home, member, record, (taken(body, back)))
  elseif #moves == 0 then
    stage_record(home, member, record, state == HELD and record[RECORD.expires])
  end
  Cooling.add_all(op[12])
end

-- `act` says no with a refusal, which is kept as the answer of the request unless it is a passing one.
local function on_reservation(op, act)
  local first = first_answer(op)
  if first then return first end
  local home, member = op[5], op[6]
  local record = record_of(home, member)
  if not record or record[RECORD.outcome] == REFUSED then return { 'not_found' } end
  if record[RECORD.adopted] then return remember(op, { 'of_order', record[RECORD.body][BODY.order] }) end
  if record[RECORD.state] == HELD and record[RECORD.expires] <= now then expire(home, member, record) end
  local may_reacquire = op[1] == 'confirm' and op[8] == 1
  if record[RECORD.state] == EXPIRED and not may_reacquire then
    return remember(op, { 'expired', record[RECORD.expires] })
  end
  local refusal, passing = act(op, home, member, record)
  if passing then return refusal end
  local answer = refusal or add_positions({ 'ok', pack_record(record) }, record[RECORD.body], FIRST, LINE, 3)
  if op.told and not refusal then table.insert(answer, 3, op.told) end
  return remember(op, answer)
end

-- confirm ..., order, reacquire, [field, quantity ...] | extend ..., ttl_ms | release ..., [field, quantity ...] |
-- fulfill ..., [the same] | transfer ..., [field, partition, field, quantity ...] -> also [ok | replayed, record, -1, [field,
-- requested, available, reason ...]] where stock is short. What a confirmation names is kept, and the rest goes back to stock; naming nothing keeps all.
local function operation_on_reservation(name, act)
  Life[name] = act
  needs[name], follow[name] = needs_reservation, follow_reservation
  run[name] = function(op) return on_reservation(op, act) end
end

operation_on_reservation('confirm', confirm)
operation_on_reservation('extend', extend)
operation_on_reservation('release', release)
operation_on_reservation('fulfill', fulfill)
operation_on_reservation('transfer', transfer)
operation_on_reservation('resource', resource)

-- resource ..., [field, partition, field, quantity ...] to go to other cells, [field, quantity ...] to go back to stock, digest of
-- the record's extra as the caller read it, its extra from now on, what is told along, cool-downs [node id, node_ix, sku, since,
-- until, reason, decision ...], [node, days that it may slip ...] -> [ok | replayed, record, what is told, partition, seq ...] | [moved], if the extra is another one |
-- [short, [field, requested, available, reason ...]]. The last two change nothing, and are not remembered.
local on_resource = run.resource
function run.resource(op)
  op.told, op.slips = op[11], {}
  for i = 1, #op[13], 2 do op.slips[op[13][i]] = op[13][i + 1] end
  return on_resource(op)
end

Life.taken = taken

-- What leaves a cell is one of its moves.
function follow.fulfill(op)
  follow_reservation(op)
  local packed = parts[op[5]].res[op[6]]
  local body = packed and ({ unpack_one(packed) })[RECORD.body] or {}
  for i = FIRST, #body, LINE do
    if body[i + 4] > 0 and not is_bound(body[i + 1]) then want_moves(body[i], (cell_of_line(body[i + 1]))) end
  end
end

function needs.transfer(op)
  needs_reservation(op)
  for j = 1, #op[7], 4 do want_cell(op[7][j + 1], op[7][j + 2]) end
end
needs.resource = needs.transfer
