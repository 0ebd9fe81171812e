-- Reserving in whole lots: kits, and what is sold in packs or steps.

-- reserve_lots, home, member, body, ttl_ms, all_or_nothing, keep_refusal, LIMITS, channel (see reserve), [kind:id of a kit, its
-- recipe as the caller knows it ...], ABOUT, then for each line partition, lots, [field of a cell, its units in a lot ...]
-- -> as reserve, or [stale, kind:id]: that kit is another one by now.
-- Each pair of a line has a line in the body, in this order, and all of them together are granted whole lots or nothing.
-- Lines may share cells: the earlier is served first.
local LOT_LINES = 12

function needs.reserve_lots(op)
  want_request(op[2], op[3])
  for i = 1, #op[10], 2 do want_cell(partitions, op[10][i]) end
  for i = LOT_LINES, #op, 3 do
    for j = 1, #op[i + 2], 2 do want_cell(op[i], op[i + 2][j]) end
  end
end

-- The first kit that is not what the caller thinks it is.
local function stale_kit(kits)
  for i = 1, #kits, 2 do
    local packed = field_of(partitions, kits[i])
    if not packed or unpack_one(packed)[5] ~= kits[i + 1] then return kits[i] end
  end
end

-- What each line gets: a list of [lots granted, lots there were for it, why there were no more]; whether all get all;
-- what that takes: a list of partition, field, units, each cell once; and the plan of what nodes take on.
local function share_out(op)
  local left, reasons, at, shares, takes, whole = {}, {}, {}, {}, {}, true
  local limits, plan = op[8] ~= 0 and op[8], Capacity.plan(op[8])
  local share, room = limits and limits[LIMITS.share], limits and Owners.room(limits)
  for i = LOT_LINES, #op, 3 do
    local p, wanted, pairs_of, able, why, units_of_lot = op[i], op[i + 1], op[i + 2], MAX_QUANTITY, 0, 0
    for j = 1, #pairs_of, 2 do
      local field, units = pairs_of[j], pairs_of[j + 1]
      if not left[field] then left[field], reasons[field] = promisable(p, field, share, op[9]) end
      local lots = math.floor(left[field] / units)
      if lots < able then able, why = lots, reasons[field] end
      lots = room and math.floor(room(field, 0) / units) or able
      if lots < able then able, why = lots, OWNER_LIMIT end
      units_of_lot = units_of_lot + units
    end
    local lots = math.floor(capacity_left(plan, pairs_of[1], 0) / units_of_lot)
    if lots < able then able, why = lots, CAPACITY_FULL end
    local granted = min(able, wanted)
    capacity_left(plan, pairs_of[1], granted * units_of_lot)
    for j = 1, #pairs_of, 2 do
      local field, units = pairs_of[j], granted * pairs_of[j + 1]
      if room then room(field, units) end
      left[field] = left[field] - units
      if not at[field] then
        at[field] = #takes + 3
        takes[#takes + 1], takes[#takes + 2], takes[#takes + 3] = p, field, 0
      end
      takes[at[field]] = takes[at[field]] + units
    end
    shares[#shares + 1] = { granted, able, granted < wanted and why or 0 }
    whole = whole and granted == wanted
  end
  return shares, whole, takes, plan
end

-- Holds what is taken; what follows the body of the record, and its ties, see Capacity.tie.
local function hold_all(op, takes, plan)
  local draws = op[9] ~= '' and { op[9] }
  for i = 1, #takes, 3 do
    if takes[i + 2] > 0 then hold(takes[i], takes[i + 1], takes[i + 2], op[3], draws) end
  end
  local ties = Capacity.tie(op[8], takes, 1, { at = 2, width = 3 }, plan)
  return packed_tail(ties, draws), ties
end

-- Writes into a body what each line gets, or with `nothing` what it could have had.
local function write_shares(op, body, shares, nothing)
  local i = FIRST
  for n, share in ipairs(shares) do
    local pairs_of = op[LOT_LINES + 3 * n - 1]
    for j = 2, #pairs_of, 2 do
      local granted = nothing and 0 or share[1] * pairs_of[j]
      body[i + 3], body[i + 4], body[i + 6], body[i + 7] = granted, granted, share[2] * pairs_of[j], share[3]
      i = i + LINE
    end
  end
end

function run.reserve_lots(op)
  local replay = replay_reservation(op)
  if replay then return replay end
  local stale = stale_kit(op[10])
  if stale then return { 'stale', stale } end
  local shares, whole, takes, plan = share_out(op)
  if not whole and not reaped then
    local all = reap_everything()
    shares, whole, takes, plan = share_out(op)
    if not whole and not all then return { 'due' } end
  end
  local home, member, ttl = op[2], op[3], op[5]
  if whole then
    log_about(op[LOT_LINES], 'hold', member, op[11])
    local tail, ties = hold_all(op, takes, plan)
    local packed = pack(HELD, now, now, now + ttl, RESERVED) .. op[4] .. tail
    stage_res(home, member, packed, now + ttl)
    local answer = ties and ties[TIES.first] > 0 and { 'ok', packed } or { 'granted', now }
    return add_positions(answer, takes, 1, 3, 2)
  end
  local body, total = unpack_one(op[4]), 0
  for _, share in ipairs(shares) do total = total + share[1] end
  local nothing = op[6] == 1 or total == 0
  write_shares(op, body, shares, nothing)
  if nothing then return { 'ok', refuse(home, member, body, op[11], op[7]) } end
  log_about(home, 'hold', member, with_short(op[11], body))
  local packed = pack(HELD, now, now, now + ttl, PARTIAL, body) .. hold_all(op, takes, plan)
  stage_res(home, member, packed, now + ttl)
  return add_positions({ 'ok', packed }, takes, 1, 3, 2)
end
