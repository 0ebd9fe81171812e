-- Deltas: units that came or left, in the order of their source if it numbers them.

-- SOURCE of deltas: its epoch, the sequence that comes next, then pairs of a parked sequence and its number of deltas.
-- What is parked is the operation that came, without its position.
local IN_SEQUENCE, DUPLICATE, PARKED, STALE_EPOCH, PARKING_FULL = 1, 2, 3, 4, 5
local PARKED_MAX, PARKED_DELTAS_MAX = 64, 8000 -- messages and their deltas: what one call can still apply at once

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
