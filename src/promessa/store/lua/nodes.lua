-- Whether nodes take orders: set by a call, and for a paused node by the instant its pause is over.

-- A node's record in the catalogue has the ms when its pause is over in its fifth place, if it is to be over; so long
-- `u:<node id>` is in `due` of the node's partition. What is due is done before anything is refused.
local Nodes = {}

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
local PAUSED = 2

function Nodes.set_state(index, state)
  local p, field, after = index % partitions, 'n:' .. index, tostring(state)
  local before = field_of(p, field) or '1'
  stage_value(p, field, after, 'state', tostring(index))
  local part = parts[p]
  if before == '1' and after ~= '1' then part.inactive = part.inactive + 1 end
  if before ~= '1' and after == '1' then part.inactive = part.inactive - 1 end
end

-- Says when the pause of a node is over (0: never by itself).
function Nodes.pause_until(index, id, until_ms)
  stage_turn(index % partitions, 'u:' .. id, until_ms > 0 and until_ms or nil)
end

-- A node that was paused until now takes orders again.
function Nodes.end_pause(p, id)
  stage_turn(p, 'u:' .. id)
  local name = 'node:' .. id
  local entry = entry_of(name)
  if not entry or entry[3] ~= PAUSED then return end
  Nodes.set_state(entry[1], ACTIVE)
  local state = Capacity.of(entry[1]).days[1] == 1 and FULL or ACTIVE
  stage_value(partitions, name, pack({ entry[1], entry[2], state, entry[4] }), 'put', name)
end
end
