-- Idempotency: the first answer of a request id, kept and given again.

-- A request id is for one request of any kind. Reservations and other answers are members under names of their own, so who looks
-- for one looks for the other, too.
local function other_kind(member)
  return (sub(member, 1, 1) == 'r' and 'q' or 'r') .. sub(member, 2)
end

local function want_request(home, member)
  if member == '' then return end
  local part = parts[home] or open_partition(home)
  local res, want = part.res, part.res_want
  local other = other_kind(member)
  if res[member] == nil then res[member], want[#want + 1] = false, member end
  if res[other] == nil then res[other], want[#want + 1] = false, other end
end

-- The refusal of a new request whose id was used for one of the other kind, or nil.
local function used_otherwise(home, member)
  local packed = parts[home].res[other_kind(member)]
  if not packed then return nil end
  if sub(member, 1, 1) == 'r' then return { 'reused', unpack_one(packed)[1] } end
  return { 'reused', ({ unpack_one(packed) })[RECORD.body][BODY.fingerprint] }
end

-- The first answer of a request, or a refusal of its id's reuse, or nil. The replay writes the partition's clock, so
-- that a WAIT or WAITAOF after it covers the first answer.
local function first_answer(op)
  local home, member, fingerprint = op[2], op[3], op[4]
  if member == '' then return nil end
  local packed = res_of(home, member)
  if not packed then return op[1] ~= 'promise' and used_otherwise(home, member) or nil end -- a promise has both members
  dirty(home)
  local stored = unpack_one(packed)
  if stored[1] ~= fingerprint then return { 'reused', stored[1] } end
  local answer = stored[2]
  if answer[1] == 'ok' then answer[1] = 'replayed' end
  return answer
end

local function remember(op, answer)
  local home, member, fingerprint = op[2], op[3], op[4]
  if member ~= '' then stage_res(home, member, pack({ fingerprint, answer }), now + retention) end
  return answer
end
