-- What records of the catalogue were before they changed: decisions are explained by the catalogue they were made with.

-- The stream `history` has an entry for each entry of the catalogue's log that changed a record, under the same id: t, ms, then
-- pairs of field and the value it had, empty where there was no such record. The catalogue as of a sequence is so the one of
-- now with the first of these values after that sequence.
local History = {}

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
local HISTORY_KEPT = 500000 -- entries; limits.py says why

-- A field of the catalogue is about to become `value`, within its change of the log: a record, if that is about the field itself.
function History.note(part, field, value, kind, reference)
  local before = part.cells[field] or ''
  if field ~= reference or (kind ~= 'put' and kind ~= 'delete') or before == value then return end
  part.history = part.history or {}
  local last = part.history[#part.history]
  if not last or last.seq ~= part.seq then
    last = { seq = part.seq, 't', instant(now) }
    part.history[#part.history + 1] = last
  end
  if last[field] then return end -- what this entry's change began with is there
  last[field] = true
  last[#last + 1], last[#last + 2] = field, before
end

function History.write(names, part)
  for _, entry in ipairs(part.history) do
    call('XADD', names.history, 'MAXLEN', '~', HISTORY_KEPT, instant(entry.seq) .. '-0', unpack(entry))
  end
end
end
