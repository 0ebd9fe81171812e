-- Orders: what was bought, in the partition that is home of its id.

-- `orders` of a partition: id -> ORDER, consecutive MessagePack values: how often it was changed; when it was placed and last
-- changed; its body, which callers alone read (see store/order_codec.py); when units of it are to be sourced again (0: never);
-- and its history, a list of [ms, step, actor, number, detail, units (packed; absent without any)]. Of the catalogue, sorted sets of
-- ids: `placed` by when an order was placed, `unsourced` by when units of it are to be sourced again, and of those that are not over
-- `underway` by when time makes something of them next (infinity: never). The log has `o:<id>` -> the same with the last of its
-- history alone. `o:<id>` in `due` is when an order that is over may be forgotten. Of a node's partition, sorted sets
-- `work:<node_ix>` of the orders that the node has something to do for, by when they were placed.
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

-- Stages what a step made of an order: [step, actor, number, detail, units]. It may be forgotten `keep_ms` from now (0: never), and
-- units of it are to be sourced `source_in` ms from now (0: none are). Time makes something of it at `next_ms` (0: never).
function Orders.stage(p, id, body, step, keep_ms, source_in, next_ms)
  local order = Orders.of(p, id) or { 0, now, 0, '', 0, {} }
  local part, history = log_change(p, 'order', id), order[ORDER.history]
  order[ORDER.version], order[ORDER.updated], order[ORDER.body] = order[ORDER.version] + 1, now, body
  order[ORDER.source_at] = source_in > 0 and now + source_in or 0
  order.next = keep_ms == 0 and (next_ms > 0 and instant(next_ms) or '+inf') or nil
  local last = { now, step[1], step[2], step[3], step[4], step[5] }
  history[#history + 1] = last
  local log, n = part.log, part.log_n
  log[n + 1], log[n + 2] = 'o:' .. id, packed_order(order, { last })
  part.log_n = n + 2
  part.orders[id], part.orders_out[id] = order, true
  stage_turn(p, 'o:' .. id, keep_ms > 0 and now + keep_ms or nil)
  return packed_order(order, history)
end

-- Stages which nodes have something to do for orders: home, id, node_ix, 1 if it has (0: no more), and so on.
function Orders.note_work(list)
  for i = 1, #list, 4 do
    local home, id, node, open = list[i], list[i + 1], list[i + 2], list[i + 3] == 1
    local part = head_of(node % partitions)
    part.work = part.work or {}
    part.work[node] = part.work[node] or {}
    local of_node = part.work[node]
    if of_node[id] == nil then of_node[id] = call('ZSCORE', names_of(node % partitions).work .. node, id) and true or false end
    if of_node[id] ~= open then
      part.work_out = dirty(node % partitions).work_out or {}
      part.work_out[#part.work_out + 1] = { node, id, open and Orders.of(home, id)[ORDER.placed] }
      of_node[id] = open
    end
  end
end

function Orders.write_work(names, part)
  for _, entry in ipairs(part.work_out) do
    local node, id, placed = entry[1], entry[2], entry[3]
    if placed then
      call('ZADD', names.work .. node, instant(placed), id)
    else
      call('ZREM', names.work .. node, id)
    end
  end
end

-- Stages an order as it is, for all indexes: time makes something of it at `next_ms` (0: never, -1: it is over, or not there).
function Orders.index(p, id, next_ms)
  local order = Orders.of(p, id)
  if order and next_ms >= 0 then order.next = next_ms > 0 and instant(next_ms) or '+inf' end
  dirty(p).orders_out[id] = true
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
