-- Moves: what came to a cell and left it since its last count. A count as of an earlier instant puts them on top.

-- MOVES of a cell: the instant of the last one forgotten (0: none), then pairs of instant and units, in order of time. A
-- count as of an earlier instant puts them on top. What happened up to the last count is never asked for again.
local want_moves, load_moves, moved_since, remember_move, forget_moves, write_moves

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
local MOVES_MAX, MOVES_MS = 32, 48 * 3600 * 1000
local QUARTER = 15 * 60 * 1000 -- where there are too many, what left in one quarter of an hour is one move

-- The moves of a partition are known as its cells are: `moves` by field, and what of it changed is in `moved`; nil until
-- they are wanted, for most calls want none.
function want_moves(p, field)
  local part = parts[p] or open_partition(p)
  if not part.moves then part.moves, part.moves_want, part.moved = {}, {}, {} end
  if part.moves[field] == nil then
    part.moves[field] = false
    part.moves_want[#part.moves_want + 1] = field
  end
end

function load_moves(p, part)
  if not part.moves or #part.moves_want == 0 then return end
  fetch(names_of(p).moves, part.moves_want, part.moves)
  part.moves_want = {}
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
function moved_since(p, field, at)
  local moves, units = moves_of(p, field), 0
  if not moves then return 0 end
  if at < moves[1] then return nil end
  for i = 2, #moves, 2 do
    if moves[i] > at then units = units + moves[i + 1] end
  end
  return units
end

local function stage_moves(p, field, moves)
  local part = dirty(p)
  part.moves[field], part.moved[field] = moves, true
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
function remember_move(p, field, cell, at, units)
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
function forget_moves(p, field, at)
  local moves = moves_of(p, field)
  if not moves then return end
  local kept = { moves[1] }
  for i = 2, #moves, 2 do
    local n = #kept
    if moves[i] > at then kept[n + 1], kept[n + 2] = moves[i], moves[i + 1] end
  end
  stage_moves(p, field, (#kept > 1 or kept[1] > at) and kept)
end

function write_moves(key, part)
  local kept, gone = {}, {}
  for field in pairs(part.moved) do
    local moves, n = part.moves[field], #kept
    if moves then kept[n + 1], kept[n + 2] = field, pack(unpack(moves)) else gone[#gone + 1] = field end
  end
  write_list('HSET', key, kept, #kept)
  write_list('HDEL', key, gone, #gone)
end
end
