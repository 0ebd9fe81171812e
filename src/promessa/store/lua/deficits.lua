-- Deficits: cells that feeds left with less than is promised. One that came out of it otherwise stays in the list until
-- settle_deficits finds it.

-- Units promised that are not there; none where units are not counted.
local function deficit(cell)
  local promised = cell[4] + cell[5]
  if promised == 0 or cell[8] then return 0 end
  return max(promised - max(cell[1] - cell[2], 0), 0)
end

-- What will be written of the deficits of a partition is in `deficits`, nil if nothing.
-- since: an instant; true for "as before, now if it is not there"; false: no longer in deficit.
local function stage_deficit(p, field, since)
  local part = dirty(p)
  part.deficits = part.deficits or {}
  if since ~= true or part.deficits[field] == nil then part.deficits[field] = since end
end

-- What a change of the units on hand (its cell is staged) did to the promises of a cell: a deficit that grows is a change
-- of its own in the log, for nobody who promised was asked.
local function note_deficit(p, field, before, cell)
  local after = deficit(cell)
  if after > before then log_change(p, 'deficit', field .. ' ' .. instant(after)) end
  if after > 0 then
    stage_deficit(p, field, before > 0 or now)
  elseif before > 0 then
    stage_deficit(p, field, false)
  end
end

local function write_deficits(key, deficits)
  local begun, gone = {}, {}
  for field, since in pairs(deficits) do
    local n = #begun
    if since == true then
      call('HSETNX', key, field, instant(now))
    elseif since then
      begun[n + 1], begun[n + 2] = field, instant(since)
    else
      gone[#gone + 1] = field
    end
  end
  write_list('HSET', key, begun, #begun)
  write_list('HDEL', key, gone, #gone)
end
