-- Placing an order from what is in stock: units are reserved and become part of the order in one call.

-- place, reserve, order_step (both as they are sent, packed) -> [placed, now, partition, seq ...] | as reserve.
-- Both as two calls would do them, one after the other with nothing between: where not all is granted as it was asked for, or the
-- step is not made, only the hold is there, and callers go on from it as from any other.
function needs.place(op)
  op[2], op[3] = { unpack_one(op[2]) }, { unpack_one(op[3]) }
  needs.reserve(op[2])
  needs.order_step(op[3])
end

function follow.place(op)
  follow.order_step(op[3])
end

function run.place(op)
  local held = run.reserve(op[2])
  if held[1] ~= 'granted' then return held end
  local made = run.order_step(op[3])
  if made[1] ~= 'ok' then return held end
  return { 'placed', now, unpack(made, 3) }
end
