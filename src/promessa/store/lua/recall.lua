-- First answers without the operation: what was answered, even where what it names is gone.

-- recall, home, member, fingerprint -> the first answer of a request, or [unknown] and nothing is changed.
function needs.recall(op)
  want_request(op[2], op[3])
end

function run.recall(op)
  return first_answer(op) or { 'unknown' }
end

-- pin, home, member, fingerprint, as_of_ms -> [ok | replayed, now of the first answer] | [reused, fingerprint] | [future]
needs.pin = needs.recall

function run.pin(op)
  local first = first_answer(op)
  if first then return first end
  if op[5] > now + CLOCK_ALLOWANCE then return { 'future' } end
  return remember(op, { 'ok', now })
end

-- recall_reservation, home, member, body -> as reserve, of the body only the fingerprint counts; or [unknown].
needs.recall_reservation = needs.refuse

function run.recall_reservation(op)
  return replay_reservation(op) or { 'unknown' }
end
