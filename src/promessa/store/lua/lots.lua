-- Reserving in whole lots: kits, and what is sold in packs or steps.

-- reserve_lots, home, member, body, ttl_ms, all_or_nothing, keep_refusal, held_share_max, channel (see reserve), [kind:id
-- of a kit, its recipe as the caller knows it ...], then for each line partition, lots, [field of a cell, its units in a lot ...]
-- -> as reserve, or [stale, kind:id]: that kit is another one by now.
-- Each pair of a line has a line in the body, in this order, and all of them together are granted whole lots or nothing.
-- Lines may share cells: the earlier is served first.
local LOT_LINES = 11

function needs.reserve_lots(op)
  want_res(op[2], op[3])
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

-- What each line gets: a list of [lots granted, lots there were for it, why there were no more]; whether all get all; and
-- what that takes: a list of partition, field, units, each cell once.
local function share_out(op)
  local left, reasons, at, shares, takes, whole = {}, {}, {}, {}, {}, true
  for i = LOT_LINES, #op, 3 do
    local p, wanted, pairs_of, able, why = op[i], op[i + 1], op[i + 2], MAX_QUANTITY, 0
    for j = 1, #pairs_of, 2 do
      local field = pairs_of[j]
      if not left[field] then left[field], reasons[field] = promisable(p, field, op[8], op[9]) end
      local lots = math.floor(left[field] / pairs_of[j + 1])
      if lots < able then able, why = lots, reasons[field] end
    end
    local granted = min(able, wanted)
    for j = 1, #pairs_of, 2 do
      local field, units = pairs_of[j], granted * pairs_of[j + 1]
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
  return shares, whole, takes
end

local function hold_all(takes, member, draws)
  for i = 1, #takes, 3 do
    if takes[i + 2] > 0 then hold(takes[i], takes[i + 1], takes[i + 2], member, draws) end
  end
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
  local shares, whole, takes = share_out(op)
  if not whole and not reaped then
    local all = reap_everything()
    shares, whole, takes = share_out(op)
    if not whole and not all then return { 'due' } end
  end
  local home, member, ttl = op[2], op[3], op[5]
  local draws = op[9] ~= '' and { op[9] }
  if whole then
    hold_all(takes, member, draws)
    stage_res(home, member, pack(HELD, now, now, now + ttl, RESERVED) .. op[4] .. packed_draws(draws), now + ttl)
    return add_positions({ 'granted', now }, takes, 1, 3, 2)
  end
  local body, total = unpack_one(op[4]), 0
  for _, share in ipairs(shares) do total = total + share[1] end
  local nothing = op[6] == 1 or total == 0
  write_shares(op, body, shares, nothing)
  if nothing then
    local packed = pack(RELEASED, now, now, 0, REFUSED, body)
    if op[7] == 1 then stage_res(home, member, packed, now + retention) end
    return { 'ok', packed }
  end
  hold_all(takes, member, draws)
  local packed = pack_record({ HELD, now, now, now + ttl, PARTIAL, body, false, draws })
  stage_res(home, member, packed, now + ttl)
  return add_positions({ 'ok', packed }, takes, 1, 3, 2)
end
