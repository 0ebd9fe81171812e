-- Who asks for units: a claim is a channel ('' is none), and after METHOD, if it is said, how they are to be fulfilled. The
-- channel decides which pools may be drawn from, the method how many units must stay besides.
local METHOD = '\n'

local function method_of(claim)
  local at = string.find(claim, METHOD, 1, true)
  return at and sub(claim, at + 1)
end

local function channel_in(claim)
  local at = string.find(claim, METHOD, 1, true)
  return at and sub(claim, 1, at - 1) or claim
end
