-- Inbound supply: put, receive, cancel.

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
-- [inbound_used, received, bound] | [inbound_limit] | [inbound_overflow] | [is_kit]
local function operation_on_inbound(name, act)
  needs[name] = function(op)
    want_request(op[2], op[3])
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
  if sku_state(op[6]) == KIT_SKU then return nil, { 'is_kit' } end
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
      stage_record(home, member, record, record[RECORD.state] == HELD and record[RECORD.expires])
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
  local short = deficit(cell)
  cell[1] = cell[1] + units
  inbound[1], inbound[INBOUND.received] = left, received + units
  if left == 0 then inbound[INBOUND.state] = RECEIVED end
  if units > 0 then
    follow_rules(p, field, cell)
    stage_cell(p, field, cell, 'receive', id)
    remember_move(p, field, cell, now, units)
    note_deficit(p, field, short, cell)
  end
  units = units - hand_over(p, field, inbound, units)
  local allowance = inbound_of(supply, '')
  if allowance then hand_over(p, field, allowance, min(units, max(common_of(p, field, cell), 0))) end
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
