-- Reservations that may count on what is to come.

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
  local able = promisable(p, field, 0, terms.channel)
  local free, reason = promisable(p, field, terms.share, terms.channel)
  local left = capacity_left(terms.nodes, field, 0)
  if left < free then free, reason = left, CAPACITY_FULL end
  local stock, shares = min(free, wanted), {}
  capacity_left(terms.nodes, field, stock)
  local missing = wanted - stock
  if missing == 0 or reason == NODE_PAUSED or sku_state(field) == KIT_SKU then return stock, shares, missing, reason end
  local supply = supply_of(p, field)
  local open, owed, bound = open_inbound(supply, terms)
  local balance = min(free_of(cell_of(p, field)), able) - stock - owed -- pools keep their units from what is owed, too
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

-- As shares_of, of no more units than the owner may still hold.
local function shares_for_owner(p, field, wanted, terms)
  local room = terms.room
  local allowed = room and max(min(wanted, room(field, 0)), 0) or wanted
  local stock, shares, missing, reason = shares_of(p, field, allowed, terms)
  if room then room(field, allowed - missing) end
  if missing == 0 and allowed < wanted then reason = OWNER_LIMIT end
  return stock, shares, missing + wanted - allowed, reason
end

-- promise, home, member, fingerprint, member of the record, body without lines, ttl_ms, all_or_nothing, keep_refusal, policy,
-- slip_days, channel, LIMITS of a hold rule (0: none), ABOUT, then for each line partition, field, quantity, today at the node, the
-- latest day of what it may wait for (0: whenever, -1: nothing), and 1 where its backorder allowance may be used
-- -> [ok | replayed, record, partition, seq ...] | [reused, fingerprint] | [due]
-- A reservation that may count on what is to come. Lines name each cell once; each has a line in the record for its stock,
-- and one for every inbound it is bound to, of which nothing was asked for by itself. A refusal is remembered only if
-- keep_refusal is 1.
local PROMISE_LINES, PROMISE_LINE = 15, 6
local PROMISED = { at = 3, width = LINE } -- units in lines of a body

function needs.promise(op)
  want_res(op[2], op[3])
  want_res(op[2], op[5])
  for i = PROMISE_LINES, #op, PROMISE_LINE do want_cell(op[i], op[i + 1]) end
end

-- What is granted of each line; whether that is all; and what it takes of the days of nodes.
local function shares_of_all(op)
  local plan, whole, nodes, limits = {}, true, Capacity.plan(op[13]), op[13] ~= 0 and op[13]
  local share, room = limits and limits[LIMITS.share], limits and Owners.room(limits)
  for i = PROMISE_LINES, #op, PROMISE_LINE do
    local latest = op[i + 4] == 0 and ALWAYS or op[i + 4]
    local terms = { today = op[i + 3], latest = latest, backorder = op[i + 5] == 1, policy = op[10], slip = op[11],
      channel = op[12], nodes = nodes, share = share, room = room }
    local line = { op[i], op[i + 1], op[i + 2], shares_for_owner(op[i], op[i + 1], op[i + 2], terms) }
    plan[#plan + 1] = line
    whole = whole and line[6] == 0
  end
  return plan, whole, nodes
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

local function stage_promise(op, body, draws)
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
      hold(p, field, units, member, draws)
    end
  end
end

function run.promise(op)
  local first = first_answer(op)
  if first then return first end
  local home, member, ttl = op[2], op[5], op[7]
  local known = res_of(home, member)
  if known then
    local record = record_of(home, member)
    if not record or fingerprint_of(known) ~= op[4] then return { 'reused', fingerprint_of(known) } end
    return { 'replayed', pack_record(record) }
  end
  local plan, whole, nodes = shares_of_all(op)
  if not whole and not reaped then
    local all = reap_everything()
    plan, whole, nodes = shares_of_all(op)
    if not whole and not all then return { 'due' } end
  end
  local body, total = body_of_plan(op, plan, op[8] == 1 and not whole)
  if total == 0 then
    local answer = { 'ok', refuse(home, member, body, op[14], op[9]) }
    return op[9] == 1 and remember(op, answer) or answer
  end
  log_about(home, 'hold', member, whole and op[14] or with_short(op[14], body))
  local draws = op[12] ~= '' and { op[12] }
  stage_promise(op, body, draws)
  local packed = pack(HELD, now, now, now + ttl, whole and RESERVED or PARTIAL, body)
  packed = packed .. packed_tail(Capacity.tie(op[13], body, FIRST, PROMISED, nodes), draws)
  stage_res(home, member, packed, now + ttl)
  return remember(op, add_positions({ 'ok', packed }, body, FIRST, LINE, 3))
end

-- order_limits, home, member, fingerprint, partition, field, backorder limit, preorder limit (-1: none) -> [ok | replayed,
-- backorder limit, preorder limit, partition, seq] | [is_kit]
function needs.order_limits(op)
  want_request(op[2], op[3])
end

function run.order_limits(op)
  local first = first_answer(op)
  if first then return first end
  local p, field = op[5], op[6]
  if sku_state(field) == KIT_SKU then return remember(op, { 'is_kit' }) end
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
