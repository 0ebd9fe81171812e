-- First answers without the operation: what was answered, even where what it names is gone.

-- recall, home, member, fingerprint -> the first answer of a request, or [unknown] and nothing is changed.
function needs.recall(op)
  want_res(op[2], op[3])
end

function run.recall(op)
  return first_answer(op) or { 'unknown' }
end

-- pin, home, member, fingerprint -> [ok | replayed, now of the first answer] | [reused, fingerprint]
needs.pin = needs.recall

function run.pin(op)
  return first_answer(op) or remember(op, { 'ok', now })
end

-- recall_reservation, home, member, body -> as reserve, of the body only the fingerprint counts; or [unknown].
needs.recall_reservation = needs.refuse

function run.recall_reservation(op)
  return replay_reservation(op) or { 'unknown' }
end
