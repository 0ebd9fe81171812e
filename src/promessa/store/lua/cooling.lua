-- Nodes that refused what a plan gave them: decisions leave them alone for a while.

-- `cooling:<node id>` of the catalogue is a record whose index is the node's, whose JSON is empty, and whose fifth place is a list:
-- sku (empty: every one), since when and until when (ms, by the clock of who decides), why, and the decision that found other
-- nodes. What is over is dropped when something is added.
local Cooling = {}

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
local WIDTH, KEPT = 5, 200 -- cool-downs of a node; limits.py says why

-- Adds a cool-down: { sku, since, until, reason, decision }. Of one sku the last counts, for as long as any said; one that goes on
-- has no hole where the clock of who says so is ahead of others.
local function add(id, index, entry)
  local name = 'cooling:' .. id
  local record = entry_of(name)
  local kept = entry
  for i, value in ipairs(record and record[5] or {}) do
    if i % WIDTH == 1 then
      local sku, over = value, record[5][i + 2]
      if sku == entry[1] then
        if over >= entry[2] then entry[2] = min(entry[2], record[5][i + 1]) end
        entry[3] = max(entry[3], over)
      elseif over > entry[2] and #kept < WIDTH * KEPT then
        for j = i, i + WIDTH - 1 do kept[#kept + 1] = record[5][j] end
      end
    end
  end
  stage_value(partitions, name, pack({ index, '', 0, {}, kept }), 'put', name)
end

-- Adds cool-downs: flat node id, node_ix, and what add wants of each.
function Cooling.add_all(list)
  for i = 1, #list, 7 do
    local id, node, sku, since, until_ms, reason, decision = unpack(list, i, i + 6)
    add(id, node, { sku, since, until_ms, reason, decision })
  end
end
end
