-- Reserving what is in stock, and refusing.

-- reserve, home, member, body, ttl_ms, all_or_nothing, keep_refusal, held_share_max (thousandths, 0: no limit), channel
-- (empty: none), then for each line partition, field, quantity
-- -> [granted, now, partition, seq ...] | [ok | replayed, record, partition, seq ...] | [reused, fingerprint] | [due]
-- The body comes as it is stored if all is granted, and then nothing of it is sent back. Lines name each cell once. A
-- refusal is remembered only if keep_refusal is 1. `due` stands for "ask again": so many holds are due that one call
-- could not return them all, and they may be what is wanted.
local RESERVE_LINES = 10

function needs.reserve(op)
  want_res(op[2], op[3])
  for i = RESERVE_LINES, #op, 3 do want_cell(op[i], op[i + 1]) end
end

local function all_there(op)
  for i = RESERVE_LINES, #op, 3 do
    if promisable(op[i], op[i + 1], op[8], op[9]) < op[i + 2] then return false end
  end
  return true
end

local function grant_all(op)
  local home, member, ttl = op[2], op[3], op[5]
  local draws = op[9] ~= '' and { op[9] }
  for i = RESERVE_LINES, #op, 3 do hold(op[i], op[i + 1], op[i + 2], member, draws) end
  local head = heads[ttl]
  if not head then
    head = pack(HELD, now, now, now + ttl, RESERVED)
    heads[ttl] = head
  end
  stage_res(home, member, head .. op[4] .. packed_draws(draws), now + ttl)
  return add_positions({ 'granted', now }, op, RESERVE_LINES, 3, 2)
end

-- Writes into a body what can be granted where not all can: a part, or with all_or_nothing nothing. -> outcome
local function cut(body, all_or_nothing, held_share_max, channel)
  local total = 0
  for i = FIRST, #body, LINE do
    local free, reason = promisable(body[i], body[i + 1], held_share_max, channel)
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
  if cut(body, op[6], op[8], op[9]) == REFUSED then
    local packed = pack(RELEASED, now, now, 0, REFUSED, body)
    if op[7] == 1 then stage_res(home, member, packed, now + retention) end
    return { 'ok', packed }
  end
  local draws = op[9] ~= '' and { op[9] }
  for i = FIRST, #body, LINE do
    if body[i + 3] > 0 then hold(body[i], body[i + 1], body[i + 3], member, draws) end
  end
  local packed = pack_record({ HELD, now, now, now + ttl, PARTIAL, body, false, draws })
  stage_res(home, member, packed, now + ttl)
  return add_positions({ 'ok', packed }, body, FIRST, LINE, 3)
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
