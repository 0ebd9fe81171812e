-- Idempotency: the first answer of a request id, kept and given again.

-- A request id is for one request of any kind: what it made, a reservation record or an answer, is one member under one name.
-- An answer is one MessagePack array, a record begins with its state, a small integer.
local function is_answer(packed)
  return byte(packed) >= 0x90
end

local function want_request(home, member)
  if member ~= '' then want_res(home, member) end
end

-- The fingerprint of the request that made a member.
local function fingerprint_of(packed)
  if is_answer(packed) then return unpack_one(packed)[1] end
  return ({ unpack_one(packed) })[RECORD.body][BODY.fingerprint]
end

-- The first answer of a request, or a refusal of its id's reuse, or nil. The replay writes the partition's clock, so
-- that a WAIT or WAITAOF after it covers the first answer.
local function first_answer(op)
  local home, member, fingerprint = op[2], op[3], op[4]
  if member == '' then return nil end
  local packed = res_of(home, member)
  if not packed then return nil end
  dirty(home)
  if not is_answer(packed) then return { 'reused', fingerprint_of(packed) } end
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
