-- Reserving what is in stock, and refusing.

-- reserve, home, member, body, ttl_ms, all_or_nothing, keep_refusal, LIMITS of a hold rule (0: none), channel (empty: none),
-- ABOUT, then for each line partition, field, quantity
-- -> [granted, now, partition, seq ...] | [ok | replayed, record, partition, seq ...] | [reused, fingerprint] | [due]
-- The body comes as it is stored if all is granted, and then nothing of it is sent back. Lines name each cell once. A
-- refusal is remembered only if keep_refusal is 1. `due` stands for "ask again": so many holds are due that one call
-- could not return them all, and they may be what is wanted.
local RESERVE_LINES = 11
local ASKED, GRANTED = { at = 2, width = 3 }, { at = 3, width = LINE } -- units in lines of the call, and of a body

function needs.reserve(op)
  want_request(op[2], op[3])
  for i = RESERVE_LINES, #op, 3 do want_cell(op[i], op[i + 1]) end
end

-- Whether all can be granted; and the plan, where a node of it has a capacity.
local function all_there(op)
  local limits, plan = op[8] ~= 0 and op[8], nil
  local share, room = limits and limits[LIMITS.share], limits and Owners.room(limits)
  for i = RESERVE_LINES, #op, 3 do
    if promisable(op[i], op[i + 1], share, op[9]) < op[i + 2] then return false end
    if room and room(op[i + 1], op[i + 2]) < 0 then return false end
    if parts[op[i]].capped then
      plan = plan or Capacity.plan(op[8])
      if capacity_left(plan, op[i + 1], op[i + 2]) < 0 then return false end
    end
  end
  return true, plan
end

local function grant_all(op, plan)
  local home, member, ttl = op[2], op[3], op[5]
  local draws = op[9] ~= '' and { op[9] }
  log_about(op[RESERVE_LINES], 'hold', member, op[10])
  for i = RESERVE_LINES, #op, 3 do hold(op[i], op[i + 1], op[i + 2], member, draws) end
  local head = heads[ttl]
  if not head then
    head = pack(HELD, now, now, now + ttl, RESERVED)
    heads[ttl] = head
  end
  local ties = (plan or op[8] ~= 0) and Capacity.tie(op[8], op, RESERVE_LINES, ASKED, plan)
  local packed = head .. op[4] .. packed_tail(ties, draws)
  stage_res(home, member, packed, now + ttl)
  if ties and ties[TIES.first] > 0 then return add_positions({ 'ok', packed }, op, RESERVE_LINES, 3, 2) end
  return add_positions({ 'granted', now }, op, RESERVE_LINES, 3, 2)
end

-- Writes into a body what can be granted where not all can: a part, or with all_or_nothing nothing. -> outcome
local function cut(body, all_or_nothing, limits, channel, plan)
  local total, share, room = 0, limits and limits[LIMITS.share], limits and Owners.room(limits)
  for i = FIRST, #body, LINE do
    local free, reason = promisable(body[i], body[i + 1], share, channel)
    if room and room(body[i + 1], 0) < free then free, reason = room(body[i + 1], 0), OWNER_LIMIT end
    local left = capacity_left(plan, body[i + 1], 0)
    if left < free then free, reason = left, CAPACITY_FULL end
    local granted = min(free, body[i + 2])
    capacity_left(plan, body[i + 1], granted)
    if room then room(body[i + 1], granted) end
    body[i + 3], body[i + 4], body[i + 6] = granted, granted, free
    if granted < body[i + 2] then body[i + 7] = reason end
    total = total + granted
  end
  if all_or_nothing == 0 and total > 0 then return PARTIAL end
  for i = FIRST, #body, LINE do body[i + 3], body[i + 4] = 0, 0 end
  return REFUSED
end

local function grant_part(op)
  local home, member, body, ttl, plan = op[2], op[3], unpack_one(op[4]), op[5], Capacity.plan(op[8])
  if cut(body, op[6], op[8] ~= 0 and op[8], op[9], plan) == REFUSED then
    return { 'ok', refuse(home, member, body, op[10], op[7]) }
  end
  log_about(home, 'hold', member, with_short(op[10], body))
  local draws = op[9] ~= '' and { op[9] }
  for i = FIRST, #body, LINE do
    if body[i + 3] > 0 then hold(body[i], body[i + 1], body[i + 3], member, draws) end
  end
  local ties = Capacity.tie(op[8], body, FIRST, GRANTED, plan)
  local packed = pack(HELD, now, now, now + ttl, PARTIAL, body) .. packed_tail(ties, draws)
  stage_res(home, member, packed, now + ttl)
  return add_positions({ 'ok', packed }, body, FIRST, LINE, 3)
end

function run.reserve(op)
  local replay = replay_reservation(op)
  if replay then return replay end
  local whole, plan = all_there(op)
  if not whole and not reaped then
    local all = reap_everything()
    whole, plan = all_there(op)
    if not whole and not all then return { 'due' } end
  end
  return whole and grant_all(op, plan) or grant_part(op)
end

-- refuse, home, member, body, ABOUT -> as reserve. Remembers that nothing could be planned for this request id.
function needs.refuse(op)
  want_request(op[2], op[3])
end

function run.refuse(op)
  local replay = replay_reservation(op)
  if replay then return replay end
  return { 'ok', refuse(op[2], op[3], unpack_one(op[4]), op[5], 1) }
end
