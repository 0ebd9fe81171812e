-- Orders: what was bought, in the partition that is home of its id.

-- `orders` of a partition: id -> ORDER, consecutive MessagePack values: how often it was changed; when it was placed and last
-- changed; its body, which callers alone read (see store/order_codec.py); when units of it are to be sourced again (0: never);
-- and its history, a list of [ms, step, actor, number, detail]. Of the catalogue, sorted sets of ids: `placed` by when an order
-- was placed, `unsourced` by when units of it are to be sourced again, and of those that are not over `underway` by when time makes
-- something of them next (infinity: never). The log has `o:<id>` -> the same with the last of its history alone. `o:<id>` in `due` is when an order that is over may be forgotten.
local ORDER = { version = 1, placed = 2, updated = 3, body = 4, source_at = 5, history = 6 }
local Orders = {}

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
-- An order as a table, false if there is none.
function Orders.of(p, id)
  local part = head_of(p)
  part.orders, part.orders_out = part.orders or {}, part.orders_out or {}
  if part.orders[id] == nil then
    local packed = call('HGET', names_of(p).orders, id)
    part.orders[id] = packed and { unpack_one(packed) }
  end
  return part.orders[id]
end

local function packed_order(order, history)
  return pack(order[1], order[2], order[3], order[4], order[5], history)
end

-- Stages what a step made of an order: [step, actor, number, detail]. It may be forgotten `keep_ms` from now (0: never), and
-- units of it are to be sourced `source_in` ms from now (0: none are). Time makes something of it at `next_ms` (0: never).
function Orders.stage(p, id, body, step, keep_ms, source_in, next_ms)
  local order = Orders.of(p, id) or { 0, now, 0, '', 0, {} }
  local part, history = log_change(p, 'order', id), order[ORDER.history]
  order[ORDER.version], order[ORDER.updated], order[ORDER.body] = order[ORDER.version] + 1, now, body
  order[ORDER.source_at] = source_in > 0 and now + source_in or 0
  order.next = keep_ms == 0 and (next_ms > 0 and instant(next_ms) or '+inf') or nil
  local last = { now, step[1], step[2], step[3], step[4] }
  history[#history + 1] = last
  local log, n = part.log, part.log_n
  log[n + 1], log[n + 2] = 'o:' .. id, packed_order(order, { last })
  part.log_n = n + 2
  part.orders[id], part.orders_out[id] = order, true
  stage_turn(p, 'o:' .. id, keep_ms > 0 and now + keep_ms or nil)
  return packed_order(order, history)
end

-- An order that was over for long is forgotten.
function Orders.forget(p, id)
  Orders.of(p, id)
  local part = dirty(p)
  part.orders[id], part.orders_out[id] = false, true
  stage_turn(p, 'o:' .. id)
end

function Orders.write(names, part)
  local all = names_of(partitions)
  for id in pairs(part.orders_out) do
    local order = part.orders[id]
    if order then
      call('HSET', names.orders, id, packed_order(order, order[ORDER.history]))
      call('ZADD', all.placed, instant(order[ORDER.placed]), id)
    else
      call('HDEL', names.orders, id)
      call('ZREM', all.placed, id)
    end
    if order and order[ORDER.source_at] > 0 then
      call('ZADD', all.unsourced, instant(order[ORDER.source_at]), id)
    else
      call('ZREM', all.unsourced, id)
    end
    if order and order.next then
      call('ZADD', all.underway, order.next, id)
    else
      call('ZREM', all.underway, id)
    end
  end
end
end
